-- SPDX-License-Identifier: MIT
-- A megabyte of text as a key, each a different one.
-- outcome: ERR_MEMORY
local t = {}
for i = 1, math.huge do t[("k"):rep(1 << 20) .. i] = i end
