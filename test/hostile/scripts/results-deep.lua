-- SPDX-License-Identifier: MIT
-- A result nested a thousand times.
-- outcome: ERR_RESULT_DEPTH
local t = {}
for _ = 1, 1000 do t = { t } end
return t
