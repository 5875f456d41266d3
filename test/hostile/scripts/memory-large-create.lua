-- SPDX-License-Identifier: MIT
-- A table made large at once.
-- outcome: ERR_MEMORY or ERR_RUNTIME
local t = table.pack(table.unpack({}, 1, 900000))
local all = {}
while true do all[#all + 1] = table.pack(table.unpack(t, 1, 900000)) end
