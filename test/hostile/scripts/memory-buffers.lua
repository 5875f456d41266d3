-- SPDX-License-Identifier: MIT
-- Buffers that grow inside library functions.
-- outcome: ERR_MEMORY
local _ = (("x"):rep(1 << 20)):gsub(".", { x = ("y"):rep(64) })
