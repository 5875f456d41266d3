-- SPDX-License-Identifier: MIT
-- byte of a whole long string.
-- outcome: ERR_RUNTIME
-- message: string slice too long
local _ = (("x"):rep(1 << 21)):byte(1, -1)
