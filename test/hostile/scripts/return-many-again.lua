-- SPDX-License-Identifier: MIT
-- Many results handed from call to call, without a call in between.
-- outcome: endless
local t = {}
for i = 1, 20000 do t[i] = i end
local function down(n)
  if n == 0 then return table.unpack(t) end
  return 1, down(n - 1)
end
while true do down(2000) end
