-- SPDX-License-Identifier: MIT
-- The limit's error inside twenty pcalls.
-- outcome: endless
local function nest(n)
  if n == 0 then while true do end end
  local ok = pcall(nest, n - 1)
  while true do end
  return ok
end
nest(20)
