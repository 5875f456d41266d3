-- SPDX-License-Identifier: MIT
-- Coroutines that resume each other as deep as they go.
-- outcome: ERR_RUNTIME
-- message: C stack overflow
local function nest() return coroutine.wrap(nest)() end
nest()
