-- SPDX-License-Identifier: MIT
-- The collector would call finalizers while the traceback of a spent budget is made.
-- outcome: endless
-- leaves: finalizers
collectgarbage("incremental", 0, 1000, 0)
local mt = { __gc = function() while true do end end }
local function deep(n)
  if n > 0 then return deep(n - 1) .. "" end
  collectgarbage("stop")
  for _ = 1, 2000 do setmetatable({}, mt) end
  collectgarbage("restart")
  while true do end
end
deep(30)
