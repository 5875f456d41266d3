-- SPDX-License-Identifier: MIT
-- Long texts of numbers, in arithmetic and as arguments.
-- outcome: endless
local text = ("1"):rep(16000)
while true do
  local _ = text + 1, math.floor(text), ("x"):rep(2, text)
  pcall(string.rep, "x", text)
end
