-- SPDX-License-Identifier: MIT
-- gmatch of matches that move one byte at a time, over and over.
-- outcome: endless
local text = ("a b "):rep(10000)
while true do
  for _ in text:gmatch("%f[%w]%w") do end
end
