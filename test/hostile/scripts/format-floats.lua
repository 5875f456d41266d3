-- SPDX-License-Identifier: MIT
-- The longest texts of numbers, without end.
-- outcome: endless
while true do
  local _ = ("%99.99f%99.99f%a%q"):format(1e308, -1e308, 5e-324, 1 / 3)
end
