-- SPDX-License-Identifier: MIT
-- A finalizer that makes two objects with finalizers.
-- outcome: ERR_MEMORY or ERR_STEPS
-- leaves: finalizers
local mt = {}
mt.__gc = function()
  setmetatable({}, mt)
  setmetatable({}, mt)
end
setmetatable({}, mt)
while true do collectgarbage("step", 100) end
