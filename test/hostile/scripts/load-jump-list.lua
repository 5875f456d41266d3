-- SPDX-License-Identifier: MIT
-- Conditions whose jumps wait in one list, which is walked to its end for each.
-- outcome: endless
local source = "x = y" .. (" or y"):rep(20000)
local branches = "if x then " .. ("elseif x then x = 1 "):rep(10000) .. "end"
while true do
  load(source)
  load(branches)
end
