-- SPDX-License-Identifier: MIT
-- The memory is full when the steps are spent.
-- outcome: ERR_STEPS
local t = {}
local function more() t[#t + 1] = {} end
pcall(function() for i = 1, math.huge do t[i] = { i } end end)
while true do
  pcall(more)
end
