-- SPDX-License-Identifier: MIT
-- Shown addresses do not tell which object lies behind which.
-- outcome: ok
-- results: [true]
local up, last = 0, 0
local kept = {}
for i = 1, 1000 do
  kept[i] = {}
  local shown = tonumber(("%p"):format(kept[i]), 16) or tonumber((("%p"):format(kept[i]):gsub("0x", "")), 16)
  if shown > last then up = up + 1 end
  last = shown
end
return up > 350 and up < 650
