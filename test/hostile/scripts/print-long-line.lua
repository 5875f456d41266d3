-- SPDX-License-Identifier: MIT
-- A line that never ends.
-- outcome: endless
local write = ("x"):rep(4096)
while true do print(write, write, write) end
