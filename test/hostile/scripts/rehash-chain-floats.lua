-- SPDX-License-Identifier: MIT
-- Floats whose first 31 bits are the same: they fall into one place of any table, and a search walks them all.
-- outcome: endless
local t, n = {}, 0
while true do
  n = n % 20000 + 1
  t[1 + n * 2.0 ^ -50] = n
end
