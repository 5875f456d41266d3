-- SPDX-License-Identifier: MIT
-- Levels of deep stacks, counted from the far end.
-- outcome: endless
local function deep(n)
  if n > 0 then return 1 + deep(n - 1) end
  while true do debug.getinfo(9000, "l") end
end
deep(10000)
