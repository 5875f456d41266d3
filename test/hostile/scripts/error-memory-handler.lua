-- SPDX-License-Identifier: MIT
-- A handler that needs memory when there is none.
-- outcome: ok
-- results: [false]
-- limits: memory=2MiB
local t = {}
local ok = xpcall(function()
  for i = 1, math.huge do t[i] = ("x"):rep(100) .. i end
end, function(m) return m .. ("y"):rep(1 << 21) end)
t = nil
return ok
