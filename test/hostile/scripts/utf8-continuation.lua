-- SPDX-License-Identifier: MIT
-- Nothing but continuation bytes, walked over.
-- outcome: endless
local text = ("\x80"):rep(1 << 20)
while true do pcall(utf8.offset, text, 2, 1) pcall(utf8.codepoint, text, 1, -1) end
