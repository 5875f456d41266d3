-- SPDX-License-Identifier: MIT
-- tostring that asks for tostring.
-- outcome: ERR_RUNTIME
-- message: stack overflow
local mt = {}
mt.__tostring = function(t) return tostring(t) end
return tostring(setmetatable({}, mt))
