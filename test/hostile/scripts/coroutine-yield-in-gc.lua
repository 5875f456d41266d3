-- SPDX-License-Identifier: MIT
-- A finalizer that yields: nobody is there to take it.
-- outcome: ok
-- results: ["alive"]
local co = coroutine.wrap(function()
  setmetatable({}, { __gc = coroutine.yield })
  collectgarbage()
  return "alive"
end)
return co()
