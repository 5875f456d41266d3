-- SPDX-License-Identifier: MIT
-- Moves that would wrap around.
-- outcome: ok
-- results: [false, false, false]
local t = {}
return (pcall(table.move, t, math.mininteger, math.maxinteger, 1)), (pcall(table.move, t, 1, math.maxinteger, 2)),
  (pcall(table.move, t, -1, math.maxinteger - 1, 10))
