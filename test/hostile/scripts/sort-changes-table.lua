-- SPDX-License-Identifier: MIT
-- A comparator that changes the table being sorted.
-- outcome: ok
-- results: ["done"]
local t = {}
for i = 1, 500 do t[i] = (i * 7919) % 1009 end
pcall(table.sort, t, function(a, b)
  t[#t + 1] = 1
  t[math.random(#t)] = nil
  collectgarbage("step")
  return (a or 0) < (b or 0)
end)
return "done"
