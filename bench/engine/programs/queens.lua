-- SPDX-License-Identifier: MIT
-- Recursion, conditions and small arrays: all ways of placing n queens.
local function solutions(n)
  local found = 0
  local columns, rising, falling = {}, {}, {}
  local function place(row)
    if row > n then
      found = found + 1
      return
    end
    for column = 1, n do
      local up, down = row + column, row - column + n
      if not columns[column] and not rising[up] and not falling[down] then
        columns[column], rising[up], falling[down] = true, true, true
        place(row + 1)
        columns[column], rising[up], falling[down] = false, false, false
      end
    end
  end
  place(1)
  return found
end

assert(solutions(11) == 2680)
