-- SPDX-License-Identifier: MIT
-- Two large strings, joined for ever.
-- outcome: endless
local a, b = ("a"):rep(3 << 20), ("b"):rep(3 << 20)
while true do
  local _ = a .. b
end
