-- SPDX-License-Identifier: MIT
-- Numbers that are no integers.
-- outcome: ok
-- results: [null, null, null, null, null, false, false]
return math.tointeger(2 ^ 63), math.tointeger(0 / 0), math.tointeger(math.huge), math.tointeger("x"), math.tointeger({}),
  (pcall(function() return 2 ^ 63 | 0 end)), (pcall(function() return 1 << {} end))
