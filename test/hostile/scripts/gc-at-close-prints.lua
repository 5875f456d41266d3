-- SPDX-License-Identifier: MIT
-- Finalizers that print without end while the state is deleted.
-- outcome: ok
kept = setmetatable({}, { __gc = function() while true do print(("x"):rep(1000)) end end })
