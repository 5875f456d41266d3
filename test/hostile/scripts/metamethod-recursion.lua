-- SPDX-License-Identifier: MIT
-- Arithmetic that asks for arithmetic.
-- outcome: ERR_RUNTIME
-- message: stack overflow
local mt = {}
mt.__add = function(a, b) return a + b end
return setmetatable({}, mt) + 1
