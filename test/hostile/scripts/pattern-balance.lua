-- SPDX-License-Identifier: MIT
-- %b over text that is never balanced.
-- outcome: ERR_STEPS
local open = ("("):rep(50000)
local _ = open:find("%b()")
