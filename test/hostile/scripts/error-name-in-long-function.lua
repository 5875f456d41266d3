-- SPDX-License-Identifier: MIT
-- Errors at the end of a long function: for the message all its code is read.
-- outcome: endless
local source = "local a = ... if a then goto l end do " .. ("z = 1 "):rep(50000) .. "end ::l:: a.b.c = 1"
local f = load(source)
while true do pcall(f, {}) end
