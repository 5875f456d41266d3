-- SPDX-License-Identifier: MIT
-- Long keys of one length that begin alike.
-- outcome: ok
-- results: [200]
-- limits: memory=32MiB
local t, n = {}, 0
local stem = ("k"):rep(20000)
for i = 100, 299 do t[stem .. i] = i end
for i = 100, 299 do if t[stem .. i] == i then n = n + 1 end end
return n
