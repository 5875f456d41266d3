-- SPDX-License-Identifier: MIT
-- Digits in base 36, a megabyte of them.
-- outcome: endless
local text = ("z"):rep(1 << 20)
while true do
  tonumber(text, 36)
  tonumber(text)
end
