-- SPDX-License-Identifier: MIT
-- A call by a name that never resolves.
-- outcome: endless
-- call: anything
setmetatable(_G, { __index = function() while true do end end })
