-- SPDX-License-Identifier: MIT
-- pcall of pcall of pcall.
-- outcome: ERR_RUNTIME
-- message: stack overflow
local function deep() local ok, why = pcall(deep) error(why, 0) end
deep()
