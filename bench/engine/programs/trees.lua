-- SPDX-License-Identifier: MIT
-- Allocation and collection: trees that are built, counted and dropped while a large one lives.
local function build(depth)
  if depth == 0 then return {} end
  return { build(depth - 1), build(depth - 1) }
end

local function count(tree)
  if tree[1] == nil then return 1 end
  return 1 + count(tree[1]) + count(tree[2])
end

local depth = 16
local long_lived = build(depth)
for small = 4, depth, 3 do
  local rounds = 1 << (depth - small + 2)
  local nodes = 0
  for _ = 1, rounds do nodes = nodes + count(build(small)) end
  assert(nodes == rounds * ((1 << (small + 1)) - 1))
end
assert(count(long_lived) == (1 << (depth + 1)) - 1)
