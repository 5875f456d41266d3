-- SPDX-License-Identifier: MIT
-- Tracebacks of deep stacks, in a loop.
-- outcome: endless
local function deep(n)
  if n > 0 then return 1 + deep(n - 1) end
  while true do debug.traceback(("x"):rep(1000)) end
end
deep(10000)
