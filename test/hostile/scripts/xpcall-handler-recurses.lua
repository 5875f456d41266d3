-- SPDX-License-Identifier: MIT
-- A message handler that calls itself through another xpcall: ends in "error in error handling" or an overflow.
-- outcome: ok
local function handler() return xpcall(error, handler) end
xpcall(error, handler)
