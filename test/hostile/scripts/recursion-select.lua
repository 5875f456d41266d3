-- SPDX-License-Identifier: MIT
-- select over many values: quadratic.
-- outcome: ERR_STEPS
-- limits: steps=2000000
local function sum(...)
  local s = 0
  for i = 1, select("#", ...) do s = s + select(i, ...) end
  return s
end
local t = {}
for i = 1, 50000 do t[i] = i end
while true do sum(table.unpack(t)) end
