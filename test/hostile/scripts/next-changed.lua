-- SPDX-License-Identifier: MIT
-- A table that is changed while it is walked.
-- outcome: ok
-- results: ["done"]
local t = {}
for i = 1, 1000 do t["k" .. i] = i end
pcall(function()
  for k in pairs(t) do
    t[k] = nil
    t["new" .. k] = 1
    collectgarbage("step")
    if next(t) == nil then break end
  end
end)
return "done"
