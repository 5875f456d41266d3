-- SPDX-License-Identifier: MIT
-- A length that has to be searched for in a sparse table, again and again.
-- outcome: endless
local t = {}
for i = 1, 62 do t[1 << i] = i end
while true do
  local _ = #t
end
