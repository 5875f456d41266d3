-- SPDX-License-Identifier: MIT
-- A format of a million directives.
-- outcome: endless
local format = ("%c"):rep(100000)
while true do os.date(format) end
