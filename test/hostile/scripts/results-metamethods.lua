-- SPDX-License-Identifier: MIT
-- Metamethods of results are not called.
-- outcome: ok
-- results: [[], []]
local trap = function() while true do end end
local mt = { __index = trap, __len = trap, __pairs = trap, __gc = trap, __tostring = trap, __name = trap }
return setmetatable({}, mt), setmetatable({}, mt)
