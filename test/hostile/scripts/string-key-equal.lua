-- SPDX-License-Identifier: MIT
-- A long key that is equal to one in the table, and not the same.
-- outcome: endless
local t = { [("k"):rep(1 << 21)] = true }
local key = ("k"):rep(1 << 21)
assert(t[key] and rawget(t, key))
while true do
  local _ = t[key]
  rawset(t, key, 1)
  t[key] = 2
  next(t, key)
end
