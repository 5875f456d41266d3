-- SPDX-License-Identifier: MIT
-- A finalizer that asks for a collection.
-- outcome: ok
-- results: [0]
setmetatable({}, { __gc = function() collectgarbage() collectgarbage("step") collectgarbage("stop") end })
collectgarbage()
return 0
