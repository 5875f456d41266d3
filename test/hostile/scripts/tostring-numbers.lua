-- SPDX-License-Identifier: MIT
-- Texts of numbers, for ever.
-- outcome: endless
while true do
  local _ = tostring(1.7976931348623157e308) .. tostring(5e-324) .. tostring(math.mininteger)
end
