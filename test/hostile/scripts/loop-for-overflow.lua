-- SPDX-License-Identifier: MIT
-- A numeric loop whose step jumps over the end of the integers: it has to end, and not wrap around.
-- outcome: ok
-- results: [2, 2, 1, 0, 1]
local function count(from, to, step)
  local n = 0
  for _ = from, to, step or 1 do
    n = n + 1
    if n > 10 then break end
  end
  return n
end
local most, least = math.maxinteger, math.mininteger
return count(most - 1, most), count(least + 1, least, -1), count(most, most, most), count(most, least), count(least, least, least)
