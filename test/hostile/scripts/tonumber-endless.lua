-- SPDX-License-Identifier: MIT
-- Reading a long number, again and again.
-- outcome: endless
local text = ("123456789"):rep(1000) .. "e-4000"
while true do tonumber(text) end
