-- SPDX-License-Identifier: MIT
-- Errors at the end of a function with more than a hundred empty lines after each statement.
-- outcome: endless
local lines = ("z = 1" .. ("\n"):rep(130)):rep(10000)
local f = load("local a = ... if a then goto l end do " .. lines .. "end ::l:: error()")
while true do pcall(f, 1) end
