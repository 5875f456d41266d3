-- SPDX-License-Identifier: MIT
-- "not enough memory" is caught a thousand times, and used again.
-- outcome: ok
-- results: [1000]
-- limits: memory=2MiB
local caught = 0
for _ = 1, 1000 do
  local ok = pcall(string.rep, "x", 1 << 22)
  if not ok then caught = caught + 1 end
end
return caught
