-- SPDX-License-Identifier: MIT
-- getinfo at odd levels, of odd things.
-- outcome: ok
for _, level in ipairs({ 0, 1, 2, 3, 1000, -1, math.maxinteger, math.mininteger }) do pcall(debug.getinfo, level) end
for _, what in ipairs({ "S", ">S", "nSltufrL", "x", "", ("S"):rep(10000), ">" }) do pcall(debug.getinfo, 1, what) end
local info = debug.getinfo(1, "f")
pcall(debug.getinfo, coroutine.create(print), 0)
