-- SPDX-License-Identifier: MIT
-- Small tables until nothing is left.
-- outcome: ERR_MEMORY
-- message: not enough memory
local t = {}
while true do t = { t } end
