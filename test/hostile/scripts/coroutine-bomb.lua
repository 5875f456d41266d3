-- SPDX-License-Identifier: MIT
-- Coroutines until there is no memory.
-- outcome: ERR_MEMORY
-- message: not enough memory
local all = {}
while true do all[#all + 1] = coroutine.create(print) end
