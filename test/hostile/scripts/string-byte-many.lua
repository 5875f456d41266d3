-- SPDX-License-Identifier: MIT
-- byte of as many as fit on the stack.
-- outcome: endless
local text = ("x"):rep(50000)
while true do text:byte(1, -1) end
