-- SPDX-License-Identifier: MIT
-- A __pairs that never ends, and one that gives nonsense.
-- outcome: endless
pcall(pairs, setmetatable({}, { __pairs = function() return 1, 2, 3 end }))
pcall(function() for _ in pairs(setmetatable({}, { __pairs = function() return 1 end })) do end end)
for _ in pairs(setmetatable({}, { __pairs = function() return function() return 1 end end })) do end
