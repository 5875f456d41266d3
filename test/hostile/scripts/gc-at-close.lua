-- SPDX-License-Identifier: MIT
-- Finalizers that run when the state is deleted, and never end.
-- outcome: ok
kept = setmetatable({}, { __gc = function() while true do pcall(function() while true do end end) end end })
