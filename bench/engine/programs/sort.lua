-- SPDX-License-Identifier: MIT
-- table.sort with and without a comparison in Lua.
local seed = 42
local function random()
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed
end

for _ = 1, 3 do
  local numbers, records = {}, {}
  for i = 1, 100000 do
    numbers[i] = random()
    records[i] = numbers[i]
  end
  table.sort(numbers)
  table.sort(records, function(a, b) return a > b end)
  for i = 2, #numbers do assert(numbers[i - 1] <= numbers[i]) end
  assert(records[1] == numbers[#numbers] and records[#records] == numbers[1])
end
