-- SPDX-License-Identifier: MIT
-- A chain of __call that calls itself, with pcall around.
-- outcome: endless
local t = setmetatable({}, {})
getmetatable(t).__call = t
while true do pcall(t) end
