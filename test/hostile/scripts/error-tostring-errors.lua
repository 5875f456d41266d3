-- SPDX-License-Identifier: MIT
-- An error object whose __tostring raises another one.
-- outcome: ERR_RUNTIME
local mt = {}
mt.__tostring = function() error(setmetatable({}, mt)) end
error(setmetatable({}, mt))
