-- SPDX-License-Identifier: MIT
-- A protected metatable, a metatable of itself, metatables of what has none.
-- outcome: ok
-- results: [false, false, true]
local t = setmetatable({}, { __metatable = "locked" })
local own = {}
setmetatable(own, own)
own.__index = own
return (pcall(setmetatable, t, {})), (pcall(setmetatable, 5, {})), (pcall(function() return own.x == nil end)) == false
