-- SPDX-License-Identifier: MIT
-- The lines of a long function, again and again.
-- outcome: endless
local f = load(("x = 1\n"):rep(50000))
while true do debug.getinfo(f, "L") end
