-- SPDX-License-Identifier: MIT
-- Endless garbage under the generational collector.
-- outcome: endless
collectgarbage("generational")
local t = {}
while true do
  for i = 1, 1000 do t[i] = { t[i - 1] } end
  collectgarbage("step")
end
