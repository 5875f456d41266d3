-- SPDX-License-Identifier: MIT
-- Functions whose results need not be the nearest double. exp, log, log2, log10 and pow are the same as glibc's to the
-- bit as long as glibc does not use fused multiplication, which programs.ts sees to (with it, they may be 1 ulp apart,
-- and log10 once in some 200,000 cases 2). The others may differ in the last place: "~N" at the start of a line allows
-- its last field, the bits of the result, to be N doubles away. sinh and tanh, which Lua 5.4 has for compatibility
-- only, are 2 or 3 away once in some 40,000 cases.
-- parts: 8
local state = 987654321 + part
local function random()
  state = state + 0x9e3779b97f4a7c15
  local z = state
  z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ~ (z >> 27)) * 0x94d049bb133111eb
  return z ~ (z >> 31)
end
local function double(bits) return (string.unpack("<d", string.pack("<i8", bits))) end
local function uniform(low, high) return low + (high - low) * ((random() >> 11) * 2.0 ^ -53) end
local function show(steps, name, y, ...)
  if y == y and steps > 0 then
    print("~" .. steps, name, ..., (string.unpack("<i8", string.pack("<d", y))))
  else
    print(name, ..., string.format("%a", y))
  end
end

local functions = {
  sin = 1, cos = 1, tan = 1, asin = 1, acos = 1, atan = 1, exp = 0, log = 0, log10 = 0, cosh = 1, sinh = 3, tanh = 3,
}
local names = {}
for name in pairs(functions) do names[#names + 1] = name end
table.sort(names)

for i = 1, 300 do
  local xs = { double(random()), uniform(-1, 1), uniform(-10, 10), uniform(-700, 700), uniform(0.5, 2), double(random() & 0x7fefffffffffffff) }
  for _, x in ipairs(xs) do
    local hex = string.format("%a", x)
    for j = 1, 3 do
      local name = names[1 + (random() >> 1) % #names]
      show(functions[name], name, math[name](x), hex)
    end
  end
  local a, b = uniform(-100, 100), uniform(0, 50)
  show(0, "pow", b ^ a, string.format("%a %a", b, a))
  show(0, "pow", xs[6] ^ xs[2], string.format("%a %a", xs[6], xs[2]))
  show(1, "atan2", math.atan(a, b), string.format("%a %a", a, b))
  show(1, "atan2", math.atan(xs[1], xs[2]), string.format("%a %a", xs[1], xs[2]))
  show(0, "log2", math.log(xs[6], 2), string.format("%a", xs[6]))
  show(0, "logb", math.log(b, 7), string.format("%a", b))
end
