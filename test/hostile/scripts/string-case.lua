-- SPDX-License-Identifier: MIT
-- Large strings turned around and changed.
-- outcome: endless
local s = ("aB"):rep(1 << 20)
while true do s:upper():lower():reverse() end
