-- SPDX-License-Identifier: MIT
-- Integers in arrays: over all permutations of 1 to n, how often must the first n of the first number be turned round
-- until it is 1?
local function fannkuch(n)
  local start, work, count = {}, {}, {}
  for i = 1, n do start[i] = i end
  local most, checksum, sign, r = 0, 0, 1, n + 1
  while true do
    while r > 2 do
      r = r - 1
      count[r] = r
    end
    if start[1] ~= 1 then
      for i = 1, n do work[i] = start[i] end
      local flips, first = 0, work[1]
      repeat
        local i, j = 1, first
        while i < j do
          work[i], work[j] = work[j], work[i]
          i, j = i + 1, j - 1
        end
        flips = flips + 1
        first = work[1]
      until first == 1
      if flips > most then most = flips end
      checksum = checksum + sign * flips
    end
    sign = -sign
    r = 2
    while true do
      if r > n then return most, checksum end
      local first = start[1]
      for i = 1, r - 1 do start[i] = start[i + 1] end
      start[r] = first
      count[r] = count[r] - 1
      if count[r] > 0 then break end
      r = r + 1
    end
  end
end

local most = fannkuch(9)
assert(most == 30)
