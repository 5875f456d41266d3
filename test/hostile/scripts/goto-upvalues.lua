-- SPDX-License-Identifier: MIT
-- A loop of goto that makes a closure each time.
-- outcome: endless
do
  local kept
  ::top::
  local x = {}
  kept = function() return x end
  goto top
end
