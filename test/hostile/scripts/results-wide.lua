-- SPDX-License-Identifier: MIT
-- A table that is shared a million times over: a small state, a huge result.
-- outcome: ERR_RESULT_SIZE or ERR_STEPS
local t = { 1 }
for _ = 1, 25 do t = { t, t, t } end
return t
