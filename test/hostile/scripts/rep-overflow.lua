-- SPDX-License-Identifier: MIT
-- Sizes whose product wraps around.
-- outcome: ERR_RUNTIME
-- message: resulting string too large
local _ = ("xx"):rep(math.maxinteger)
