-- SPDX-License-Identifier: MIT
-- An error object whose __tostring never returns.
-- outcome: endless
error(setmetatable({}, { __tostring = function() while true do end end }))
