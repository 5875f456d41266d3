-- SPDX-License-Identifier: MIT
-- A replacement of half a million captures that are all empty.
-- outcome: endless
local replacement = ("%1"):rep(500000)
while true do ("aaaa"):gsub("(b*)a", replacement) end
