-- SPDX-License-Identifier: MIT
-- A __tostring that prints, as deep as it goes.
-- outcome: ERR_RUNTIME
-- message: stack overflow
local t = setmetatable({}, {})
getmetatable(t).__tostring = function() print(t) return "" end
print(t)
