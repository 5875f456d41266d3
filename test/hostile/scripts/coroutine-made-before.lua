-- SPDX-License-Identifier: MIT
-- facts.md's: a coroutine created before the limits were set, resumed after.
-- outcome: endless
-- call: attack
local spin = coroutine.create(function() coroutine.yield() while true do end end)
coroutine.resume(spin)
function attack()
  coroutine.resume(spin)
  while true do end
end
