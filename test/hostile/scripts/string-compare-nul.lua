-- SPDX-License-Identifier: MIT
-- Long strings full of NULs, which are compared piece by piece.
-- outcome: endless
local a, b = ("\0"):rep(1 << 20) .. "a", ("\0"):rep(1 << 20) .. "b"
while true do
  local _ = a < b, b <= a
end
