-- SPDX-License-Identifier: MIT
-- An error inside the handler of an overflow, over and over.
-- outcome: ok
local function deep() return deep() .. "" end
for _ = 1, 10 do xpcall(deep, function(m) return m .. deep() end) end
