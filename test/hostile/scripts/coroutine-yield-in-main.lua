-- SPDX-License-Identifier: MIT
-- The main thread cannot yield, from wherever it tries.
-- outcome: ok
-- results: [false, false, false, false]
local yield = coroutine.yield
local a = pcall(yield)
local b = pcall(string.gsub, "x", "x", yield)
local c = pcall(table.sort, { 3, 2, 1 }, yield)
local d = pcall(load, yield)
return a, b, c, d == nil or d == false
