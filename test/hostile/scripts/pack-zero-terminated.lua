-- SPDX-License-Identifier: MIT
-- Long strings that end with a zero.
-- outcome: endless
local text = ("z"):rep(1 << 20)
while true do string.unpack("z", string.pack("z", text)) end
