-- SPDX-License-Identifier: MIT
-- Functions of math on the largest numbers, whose argument has to be reduced.
-- outcome: endless
while true do
  local _ = math.sin(1e308) + math.cos(-1e308) + math.tan(1e300) + math.fmod(1e308, 1e-308) + 1e308 % 1e-300 + 2.5 ^ 700.5
end
