-- SPDX-License-Identifier: MIT
-- Ranges at the end of the integers.
-- outcome: ok
-- results: ["", "x", "x"]
local t = { [math.maxinteger] = "x", [math.mininteger] = "x" }
return table.concat(t, ",", math.maxinteger, math.mininteger), table.concat(t, ",", math.maxinteger, math.maxinteger),
  table.concat(t, ",", math.mininteger, math.mininteger)
