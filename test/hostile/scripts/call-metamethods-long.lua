-- SPDX-License-Identifier: MIT
-- A chain of a hundred thousand __call: each adds an argument.
-- outcome: ERR_RUNTIME or ERR_MEMORY or ERR_STEPS
local f = print
for i = 1, 100000 do f = setmetatable({}, { __call = f }) end
f()
