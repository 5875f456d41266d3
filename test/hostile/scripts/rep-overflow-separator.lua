-- SPDX-License-Identifier: MIT
-- The same with a separator.
-- outcome: ERR_RUNTIME or ERR_MEMORY
local _ = ("x"):rep(math.maxinteger // 2, "yyy")
