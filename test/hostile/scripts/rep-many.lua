-- SPDX-License-Identifier: MIT
-- A megabyte at a time.
-- outcome: endless
while true do
  local _ = ("x"):rep(1 << 20)
end
