-- SPDX-License-Identifier: MIT
-- Ephemeron tables in an order that makes the collector go over all of them again for each: quadratic, and in one go.
-- outcome: ERR_STEPS or ERR_TIME or ERR_MEMORY
-- limits: memory=64MiB steps=5000000
local mode = { __mode = "k" }
local keys, tables = {}, {}
for i = 1, 20000 do keys[i] = {} end
for i = 1, 20000 do tables[i] = setmetatable({}, mode) end
for i = 1, 20000 do tables[(i * 7919) % 20000 + 1][keys[i] ] = keys[i % 20000 + 1] end
local first = keys[1]
keys = nil
while true do collectgarbage() end
