-- SPDX-License-Identifier: MIT
-- A value that cannot be closed.
-- outcome: ERR_RUNTIME
-- message: variable 'x' got a non-closable value
local x <close> = 42
