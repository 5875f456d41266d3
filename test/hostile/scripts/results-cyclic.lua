-- SPDX-License-Identifier: MIT
-- A result that contains itself.
-- outcome: ERR_RESULT_DEPTH
local t = {}
t[1] = t
return t
