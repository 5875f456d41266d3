-- SPDX-License-Identifier: MIT
-- Tens of thousands of variables in use by closures while they are on the stack, which grows, is marked and is given up.
-- outcome: endless
local kept = {}
local function down(n)
  local a, b, c, d, e, f, g, h
  kept[1] = function() return a, b, c, d, e, f, g, h end
  if n == 0 then
    collectgarbage()
    error("enough")
  end
  down(n - 1)
  return a
end
while true do pcall(down, 3000) end
