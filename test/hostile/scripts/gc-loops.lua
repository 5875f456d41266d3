-- SPDX-License-Identifier: MIT
-- facts.md's: a finalizer that never returns.
-- outcome: endless
-- leaves: finalizers
setmetatable({}, { __gc = function() while true do end end })
while true do collectgarbage() end
