-- SPDX-License-Identifier: MIT
-- A table that claims to be longer than any.
-- outcome: ERR_RUNTIME
-- message: array too big
table.sort(setmetatable({}, { __len = function() return math.maxinteger end }))
