-- SPDX-License-Identifier: MIT
-- The functions of math whose results are exact, and the generator of random numbers, which is Lua's own.
-- math.log10, ldexp and the like are of Lua 5.3; Debian's lua5.4 has them too.
local values = {
  0, 1, -1, 3, -3, math.maxinteger, math.mininteger, 0.0, -0.0, 0.5, -0.5, 1.5, -1.5, 2.5, 0.1, 4503599627370495.5, -4503599627370495.5, 4503599627370496.5,
  9007199254740993, 1e15 + 0.5, 1e16, 1e300, 5e-324, -5e-324, 1 / 0, -1 / 0, 0 / 0, 2 ^ 31, 2 ^ 62, 2 ^ 63, -2 ^ 63, 0.9999999999999999, -0.9999999999999999,
}
for _, name in ipairs { "floor", "ceil", "abs", "tointeger", "type", "modf", "sqrt", "deg", "rad", "frexp" } do
  for _, x in ipairs(values) do print(name, x, pcall(math[name], x)) end
  print(name, pcall(math[name]))
  print(name, pcall(math[name], "x"))
  print(name, pcall(math[name], "3"))
  print(name, pcall(math[name], "-3.7"))
  print(name, pcall(math[name], {}))
end
for _, a in ipairs(values) do
  for _, b in ipairs(values) do
    print(a, b, math.max(a, b), math.min(a, b), select(2, pcall(math.fmod, a, b)), select(2, pcall(math.ult, a, b)))
  end
  print(a, math.ldexp(a, 0), math.ldexp(a, 1), math.ldexp(a, -1), math.ldexp(a, 1074), math.ldexp(a, -1074), math.ldexp(a, 5000), math.ldexp(a, -5000))
end
print(math.pi, math.huge, -math.huge, math.maxinteger, math.mininteger)
print(pcall(math.max))
print(pcall(math.min))
print(math.max(1, 2.5), math.max(2, 2.0), math.min(1, 1.0), math.max(1.0, 1), math.max(3, 1, 2), math.min(3, 1, 2))
print(pcall(math.max, 1, "x"))
print(pcall(math.fmod, 1, 0))
print(pcall(math.fmod, 1, 0.0))
print(math.fmod(-6, 4), math.fmod(6, -4), math.fmod(math.mininteger, -1), math.fmod(5.5, 2), math.fmod(-5.5, 2))
print(math.tointeger("8"), math.tointeger("x"), math.tointeger(3.0), math.tointeger(3.5), math.tointeger(2 ^ 63))
print(math.type(1), math.type(1.0), math.type("1"), math.type(nil))
print(pcall(math.type))

for _, seed in ipairs { 0, 1, 42, -1, math.maxinteger, 1.0, 1e10 } do
  math.randomseed(seed)
  for i = 1, 20 do print(seed, i, math.random(), math.random(0), math.random(10), math.random(-5, 5), math.random(math.mininteger, math.maxinteger)) end
  print(string.format("%a", math.random()), math.random(1, 1), math.random(math.maxinteger), math.random(0, 1 << 40))
end
math.randomseed(12, 34)
print(math.random(0), math.random(3), math.random(1 << 33))
print(pcall(math.random, 0, -1))
print(pcall(math.random, 1, 2, 3))
print(pcall(math.random, -1))
print(pcall(math.random, 1.5))
print(pcall(math.random, 2, 1))
print(pcall(math.randomseed, "x"))
local x = math.random()
print(x >= 0 and x < 1)

-- Identities that hold to the bit.
for i = -1074, 1023 do assert(math.log(2.0 ^ i, 2) == i) end
for i = 0, 22 do assert(math.log(10.0 ^ i, 10) == i, i) end
for i = 0, 1000 do assert(math.sqrt(i * i) == i) end
print(2 ^ 10, 2 ^ -1, 10 ^ 2, 10 ^ 15, 10 ^ 22, (-2) ^ 3, (-8) ^ (1 / 3) ~= (-8) ^ (1 / 3), 0 ^ 0, 0.0 ^ -1, (-0.0) ^ -1, 1 ^ (0 / 0), 2 ^ 1024, 2 ^ -1075, 4 ^ 0.5)
print(math.sin(0), math.cos(0), math.tan(0), math.asin(0), math.acos(1), math.atan(0), math.exp(0), math.log(1), math.atan(0, -1), math.atan(-0.0, -1))
print(math.exp(1), math.log(10), math.log(8, 2), math.log(1000, 10), math.log(27, 3), math.sin(1), math.cos(1), math.tan(1), math.atan(1), math.pi)
for _, name in ipairs { "sin", "cos", "tan", "asin", "acos", "exp", "log", "log10", "sqrt", "cosh", "sinh", "tanh", "atan" } do
  for _, x in ipairs { 0.0, -0.0, 1 / 0, -1 / 0, 0 / 0, -(0 / 0), 2.0, -2.0, 1.0, -1.0 } do
    local y = math[name](x)
    if y ~= y or y == 0 or y == 1 / 0 or y == -1 / 0 then print(name, x, y) end
  end
end
print(math.log(-1), math.log(0), math.log(-1, 2), math.log(0, 2), math.log(-1, 10), math.log(0, 10), math.log(2, 1), math.log(2, 0))
print((-1) ^ 0.5, math.fmod(1 / 0, 1), math.fmod(1, 1 / 0), -(0 / 0), 0 / 0, 1 / 0 - 1 / 0, 0 * (1 / 0), math.sqrt(-1), 1 / 0 % 2, -1 / 0 % 2)
