-- SPDX-License-Identifier: MIT
-- Long names, each a new string in the table of strings.
-- outcome: ERR_MEMORY or ERR_STEPS
-- limits: steps=20000000
local all = {}
for i = 1, math.huge do all[i] = load(("n"):rep(30) .. i .. "=1") end
