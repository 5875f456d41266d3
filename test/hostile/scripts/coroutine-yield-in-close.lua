-- SPDX-License-Identifier: MIT
-- A closing method that yields, for ever.
-- outcome: endless
local co = coroutine.wrap(function()
  while true do
    local x <close> = setmetatable({}, { __close = coroutine.yield })
  end
end)
while true do co() end
