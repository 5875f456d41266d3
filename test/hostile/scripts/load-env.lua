-- SPDX-License-Identifier: MIT
-- Environments that are traps.
-- outcome: ok
-- results: [false, 7, false, false]
local trap = setmetatable({}, { __index = function() error("trap") end })
return (pcall(load("return x", "x", "t", trap))), load("return x", "x", "t", { x = 7 })(),
  (pcall(load("x = 1", "x", "t", nil))), (pcall(load("return x", "x", "t", 5)))
