-- SPDX-License-Identifier: MIT
-- Closing methods that raise errors, in a coroutine that is closed.
-- outcome: ok
-- results: [false, "second"]
local co = coroutine.create(function()
  local a <close> = setmetatable({}, { __close = function() error("second", 0) end })
  local b <close> = setmetatable({}, { __close = function() error("first", 0) end })
  coroutine.yield()
end)
coroutine.resume(co)
return coroutine.close(co)
