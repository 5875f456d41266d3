-- SPDX-License-Identifier: MIT
-- Long strings that differ in the last byte.
-- outcome: endless
local a, b = ("a"):rep(1 << 20) .. "a", ("a"):rep(1 << 20) .. "b"
while true do
  local _ = a < b, a == b, b <= a
end
