-- SPDX-License-Identifier: MIT
-- The collector is stopped, then memory is used up: garbage is collected all the same when there is no other way.
-- outcome: ok
-- results: ["done"]
collectgarbage("stop")
local base = ("x"):rep(2000)
for i = 1, 20000 do local s = ("%s%d"):format(base, i) end
collectgarbage("restart")
return "done"
