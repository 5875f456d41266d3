-- SPDX-License-Identifier: MIT
-- Levels of errors that are not there.
-- outcome: ok
-- results: ["x", "x", "x"]
local function why(...) return select(2, pcall(error, ...)) end
return why("x", math.maxinteger), why("x", math.mininteger), why("x", -1)
