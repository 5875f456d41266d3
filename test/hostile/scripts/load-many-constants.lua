-- SPDX-License-Identifier: MIT
-- A function with more constants than fit into an instruction.
-- outcome: ok
-- results: [true]
-- limits: memory=64MiB steps=10000000
local parts = { "return {" }
for i = 1, 70000 do parts[#parts + 1] = i .. ".5," end
parts[#parts + 1] = "}"
local f = assert(load(table.concat(parts)))
return #f() == 70000
