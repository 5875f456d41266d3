-- SPDX-License-Identifier: MIT
-- A long literal as a field, found by an equal string.
-- outcome: ok
-- results: [1, 2, null]
-- limits: memory=32MiB
local long = ("f"):rep(100000)
local t = load("return { " .. long .. " = 1, ['" .. long .. "x'] = 2 }")()
return t[long], t[("f"):rep(100000) .. "x"], t[long .. "y"]
