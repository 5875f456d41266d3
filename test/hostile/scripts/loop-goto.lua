-- SPDX-License-Identifier: MIT
-- A loop of goto.
-- outcome: endless
do
  ::top::
  goto top
end
