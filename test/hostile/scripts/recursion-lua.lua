-- SPDX-License-Identifier: MIT
-- Calls from Lua to Lua, without end.
-- outcome: ERR_RUNTIME
-- message: stack overflow
local function deep() return 1 + deep() end
deep()
