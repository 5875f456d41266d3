-- SPDX-License-Identifier: MIT
-- Integer keys that lie as far apart as possible.
-- outcome: ERR_MEMORY
local t = {}
local key = 1
while true do
  key = key * 6364136223846793005 + 1442695040888963407
  t[key] = true
end
