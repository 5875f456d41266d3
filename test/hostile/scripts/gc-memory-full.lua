-- SPDX-License-Identifier: MIT
-- Memory that is full of what waits for its finalizer.
-- outcome: ERR_MEMORY or ERR_STEPS
-- leaves: finalizers
-- limits: memory=4MiB
collectgarbage("stop")
local mt = { __gc = function() end }
while true do setmetatable({}, mt) end
