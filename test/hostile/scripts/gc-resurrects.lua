-- SPDX-License-Identifier: MIT
-- A finalizer that makes its object anew: there is always one more to call.
-- outcome: endless
local mt = {}
mt.__gc = function(o) setmetatable(o, mt) end
setmetatable({}, mt)
while true do collectgarbage() end
