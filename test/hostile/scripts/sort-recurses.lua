-- SPDX-License-Identifier: MIT
-- A comparator that sorts.
-- outcome: ERR_RUNTIME
-- message: C stack overflow
local function nest() table.sort({ 1, 2, 3 }, nest) end
nest()
