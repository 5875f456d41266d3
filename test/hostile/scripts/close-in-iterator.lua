-- SPDX-License-Identifier: MIT
-- A generic for with a closing value that never closes.
-- outcome: endless
for _ in next, { 1 }, nil, setmetatable({}, { __close = function() while true do end end }) do end
