-- SPDX-License-Identifier: MIT
-- The message handler never returns.
-- outcome: endless
while true do
  xpcall(error, function() while true do end end)
end
