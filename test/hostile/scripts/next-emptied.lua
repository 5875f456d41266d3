-- SPDX-License-Identifier: MIT
-- A large table, all of it nil: looking for the first element walks over all of it.
-- outcome: endless
local t = {}
for i = 1, 50000 do t["k" .. i] = i end
for k in pairs(t) do t[k] = nil end
while true do next(t) end
