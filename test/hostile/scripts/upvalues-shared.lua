-- SPDX-License-Identifier: MIT
-- Closures that share upvalues with a coroutine that has died of its budget.
-- outcome: endless
local shared = 0
local co = coroutine.wrap(function()
  local own = 0
  peek = function() return own end
  while true do own = own + 1 shared = shared + 1 end
end)
co()
