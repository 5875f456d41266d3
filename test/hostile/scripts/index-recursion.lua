-- SPDX-License-Identifier: MIT
-- __index as a function that indexes: C recursion.
-- outcome: ERR_RUNTIME
-- message: stack overflow
local t = setmetatable({}, {})
getmetatable(t).__index = function(t, k) return t[k + 1] end
return t[1]
