-- SPDX-License-Identifier: MIT
-- As many results as the stack holds.
-- outcome: ERR_RUNTIME or ERR_RESULT_SIZE or ERR_MEMORY
local huge = setmetatable({}, { __index = function(_, i) return ("x"):rep(100) end })
return table.unpack(huge, 1, 50000)
