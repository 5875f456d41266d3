-- SPDX-License-Identifier: MIT
-- A pattern without any special character, which is looked through for one.
-- outcome: endless
local text, what = ("a"):rep(10), ("b"):rep(3 << 20)
while true do what:find(what) end
