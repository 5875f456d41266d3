-- SPDX-License-Identifier: MIT
-- The message handler raises errors itself.
-- outcome: ok
-- results: [false]
local ok = xpcall(error, function() error("again") end)
return ok
