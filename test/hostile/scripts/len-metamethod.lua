-- SPDX-License-Identifier: MIT
-- Lengths that are no numbers.
-- outcome: ok
-- results: [false, false, false, false]
local function long(n) return setmetatable({}, { __len = function() return n end }) end
return (pcall(table.unpack, long("x"))), (pcall(table.insert, long({}), 1)), (pcall(table.concat, long(1.5))), (pcall(table.sort, long(2 ^ 70)))
