-- SPDX-License-Identifier: MIT
-- At the edge of the limit, with pcall around each try.
-- outcome: ok
-- results: ["done"]
-- limits: memory=1MiB
local t = {}
for size = 1, 300 do
  pcall(function() t[#t + 1] = ("x"):rep(size * 100) end)
  if size % 50 == 0 then t = {} end
end
t = nil
return "done"
