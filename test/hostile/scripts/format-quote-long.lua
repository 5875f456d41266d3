-- SPDX-License-Identifier: MIT
-- %q of a long text.
-- outcome: endless
local text = ("\0\n\"x"):rep(500000)
while true do ("%q"):format(text) end
