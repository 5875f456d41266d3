-- SPDX-License-Identifier: MIT
-- Integers that fall into one place of a table with 16384 of them.
-- outcome: endless
local t, n = {}, 0
while true do
  n = n % 16000 + 1
  t[n * 16383] = n
end
