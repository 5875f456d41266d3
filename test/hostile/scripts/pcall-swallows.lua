-- SPDX-License-Identifier: MIT
-- facts.md's: pcall that catches the limit's error, a thousand times.
-- outcome: endless
while true do
  pcall(function() while true do end end)
end
