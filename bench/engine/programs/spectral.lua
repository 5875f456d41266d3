-- SPDX-License-Identifier: MIT
-- Float arithmetic and arrays: the largest singular value of the matrix a(i, j) = 1 / ((i + j)(i + j + 1) / 2 + i + 1).
local function times(v, out, n, transposed)
  for i = 0, n - 1 do
    local sum = 0.0
    for j = 0, n - 1 do
      local row, column = i, j
      if transposed then row, column = j, i end
      local diagonal = row + column
      sum = sum + v[j] / (diagonal * (diagonal + 1) / 2 + row + 1)
    end
    out[i] = sum
  end
end

local n = 500
local u, v, w = {}, {}, {}
for i = 0, n - 1 do u[i] = 1.0 end
for _ = 1, 10 do
  times(u, w, n, false)
  times(w, v, n, true)
  times(v, w, n, false)
  times(w, u, n, true)
end
local uv, vv = 0.0, 0.0
for i = 0, n - 1 do
  uv = uv + u[i] * v[i]
  vv = vv + v[i] * v[i]
end
assert(math.abs(math.sqrt(uv / vv) - 1.2742) < 1e-3)
