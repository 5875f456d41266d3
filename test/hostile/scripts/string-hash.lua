-- SPDX-License-Identifier: MIT
-- Long strings, hashed for the first time each.
-- outcome: endless
local t = {}
while true do
  local key = ("k"):rep(1 << 20)
  t[key] = nil
  local _ = t[key]
end
