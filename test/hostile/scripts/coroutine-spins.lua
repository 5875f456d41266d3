-- SPDX-License-Identifier: MIT
-- A coroutine does not escape the budget of whoever resumes it.
-- outcome: endless
local spin = coroutine.wrap(function() while true do end end)
while true do pcall(spin) end
