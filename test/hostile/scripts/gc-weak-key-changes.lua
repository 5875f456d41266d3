-- SPDX-License-Identifier: MIT
-- The mode of a weak table changes while it is collected.
-- outcome: ok
-- results: ["done"]
local mt = { __mode = "k" }
local weak = setmetatable({}, mt)
for i = 1, 2000 do
  weak[{}] = {}
  mt.__mode = ({ "k", "v", "kv", "", 7 })[i % 5 + 1]
  if i % 100 == 0 then collectgarbage("step", 1) end
end
collectgarbage()
return "done"
