-- SPDX-License-Identifier: MIT
-- __call of __call of __call.
-- outcome: ERR_RUNTIME or ERR_STEPS
local t = setmetatable({}, {})
getmetatable(t).__call = t
t()
