-- SPDX-License-Identifier: MIT
-- gsub whose replacement is a thousand times as long.
-- outcome: ERR_MEMORY
local _ = (("x"):rep(1 << 16)):gsub("x", ("y"):rep(1000))
