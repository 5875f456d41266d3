-- SPDX-License-Identifier: MIT
-- A comparator that says yes to everything.
-- outcome: ok
-- results: [false, "invalid order function for sorting"]
local t = {}
for i = 1, 1000 do t[i] = i end
local ok, why = pcall(table.sort, t, function() return true end)
return ok, why
