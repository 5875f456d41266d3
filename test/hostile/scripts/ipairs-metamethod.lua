-- SPDX-License-Identifier: MIT
-- ipairs over a table that has every element.
-- outcome: endless
for _ in ipairs(setmetatable({}, { __index = function() return 1 end })) do end
