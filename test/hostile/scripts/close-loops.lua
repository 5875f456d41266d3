-- SPDX-License-Identifier: MIT
-- A closing method that never returns.
-- outcome: endless
local x <close> = setmetatable({}, { __close = function() while true do end end })
