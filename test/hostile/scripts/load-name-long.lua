-- SPDX-License-Identifier: MIT
-- A name of a chunk of a megabyte, and errors that show it.
-- outcome: endless
local name = ("n"):rep(1 << 20)
while true do
  load("x =", name)
  load(function() end, name)
end
