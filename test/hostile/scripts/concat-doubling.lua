-- SPDX-License-Identifier: MIT
-- A string that doubles.
-- outcome: ERR_MEMORY
local s = "x"
while true do s = s .. s end
