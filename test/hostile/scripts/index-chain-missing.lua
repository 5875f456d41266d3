-- SPDX-License-Identifier: MIT
-- A field that none of 1900 tables has, each of which asks the next one.
-- outcome: endless
local t = {}
for _ = 1, 1900 do t = setmetatable({}, { __index = t }) end
while true do local _ = t.missing end
