-- SPDX-License-Identifier: MIT
-- A call by a name along tables that never end.
-- outcome: ERR_NO_FUNCTION or ERR_RUNTIME
-- call: a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a
local t = {}
t.a = t
a = t
