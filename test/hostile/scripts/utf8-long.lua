-- SPDX-License-Identifier: MIT
-- A long text counted, again and again.
-- outcome: endless
local text = ("x"):rep(1 << 20)
while true do utf8.len(text) end
