-- SPDX-License-Identifier: MIT
-- A range just over a power of two: half of the tries are thrown away.
-- outcome: endless
while true do math.random(0, (1 << 62) + 1) end
