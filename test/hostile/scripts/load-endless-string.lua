-- SPDX-License-Identifier: MIT
-- A string that never ends.
-- outcome: ERR_RUNTIME or ERR_MEMORY or ERR_STEPS
assert(load(coroutine.wrap(function()
  coroutine.yield("return '")
  while true do coroutine.yield(("x"):rep(1000)) end
end)))
