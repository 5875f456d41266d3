-- SPDX-License-Identifier: MIT
-- Long strings that are equal and not the same, compared without a metamethod.
-- outcome: endless
local a, b = ("a"):rep(1 << 21), ("a"):rep(1 << 21)
while true do rawequal(a, b) end
