-- SPDX-License-Identifier: MIT
-- Byte code of a function with many constants, written again and again.
-- outcome: endless
local numbers = {}
for i = 1, 20000 do numbers[i] = i .. ".5" end
local f = load("return {" .. table.concat(numbers, ",") .. "}")
while true do string.dump(f) end
