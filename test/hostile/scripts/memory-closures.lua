-- SPDX-License-Identifier: MIT
-- Closures that hold each other.
-- outcome: ERR_MEMORY
local f = print
while true do
  local g = f
  f = function() return g end
end
