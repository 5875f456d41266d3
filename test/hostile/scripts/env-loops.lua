-- SPDX-License-Identifier: MIT
-- An environment whose index never returns.
-- outcome: endless
local _ENV = setmetatable({}, { __index = function() while true do end end })
return anything
