-- SPDX-License-Identifier: MIT
-- Integers as text: written, read in every base, at the borders.
local values = { 0, 1, -1, 9, 10, 99, 100, 255, 256, -255, 65535, 2147483647, -2147483648, 4294967295, 4294967296 }
for shift = 0, 63 do
  values[#values + 1] = 1 << shift
  values[#values + 1] = (1 << shift) - 1
  values[#values + 1] = -(1 << shift) - 1
end
for power = 0, 18 do
  values[#values + 1] = 10 ^ power // 1 | 0
  values[#values + 1] = -(10 ^ power // 1 | 0) + 1
end
for _, value in ipairs(values) do
  print(value, string.format("%d %i %x %X %o %5d %-5d| %05d %+d % d %#x %#o %.3d %20.15d", value, value, value, value, value, value,
    value, value, value, value, value, value, value, value))
  assert(tonumber(tostring(value)) == value and math.type(tonumber(tostring(value))) == "integer")
  print(tonumber(string.format("0x%x", value)), value + 0.0, value * 1.0 // 1)
end

for base = 2, 36 do
  for _, text in ipairs { "0", "1", "10", "zz", "ZZ", "-11", "+1", " 7 ", "101", "7f", "1.0", "", "-", "8", "99999999999999999999", "1e1" } do
    print(base, text, tonumber(text, base))
  end
end
print(pcall(tonumber, "10", 1))
print(pcall(tonumber, "10", 37))
print(pcall(tonumber, 10, 16))
print(pcall(tonumber, "10", 10.5))
print(pcall(tonumber))
print(tonumber(nil), tonumber({}), tonumber(true), tonumber(5), tonumber(5.5), tonumber("5"), tonumber("5.0"))

for _, text in ipairs {
  "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "0x7fffffffffffffff",
  "0x8000000000000000", "0xffffffffffffffff", "0x10000000000000000", "0x1ffffffffffffffff", "-0x1", "-0x8000000000000000", "00012", "+5", "- 5", "+-5", "5 5",
  "0x", "0x ", "0xg", "1_000", "1,000", "1e", "1e+", "1e-", "1e5", "1E5", "1e+5", "1e-5", ".5", "5.", ".", "", " ", "\t5\n", "\v5\f", "5\0", "\0005", "0x.p1", "0x1p",
  "0x1p+", "0x1p5", "0x1P-5", "0x.1", "0x1.", "0x1.8p0x1", "0xep1", "0xep-1", "0xe+1", "1e5.5", "inf", "nan", "Infinity", "NaN", "-inf", "-nan", "nil", "1..2", "1.2.3",
  "0b11", "0o17", "1f", "1d", "1L", "1ULL", "e5", ".e5", "0e0", "-0", "-0.0", "0x0p0", "-0x0p0", "٣", "1e400", "-1e400", "1e-400", "0x1e400", string.rep("0", 300) .. "1",
  "0." .. string.rep("0", 300) .. "1", string.rep(" ", 300) .. "7" .. string.rep(" ", 300), "0x" .. string.rep("0", 300) .. "1",
} do
  local x = tonumber(text)
  print(string.format("%q", text):sub(1, 50), math.type(x), x)
end

-- Numerals of the language itself.
for _, text in ipairs {
  "3", "0x10", "3.0", "0xA", "0Xa.8p1", "1e2", "1E-2", ".5", "5.", "0x.8", "9223372036854775807", "9223372036854775808", "0xffffffffffffffffff", "3e", "3x", "0x", "0xg", "1..2",
  "08", "1e+", "1.5.5", "0x1p", "3in", "5or", "1e309", "-1e309", "1//0.0", "-0.0", "0x7fffffffffffffff+1", "1e15", "1e16", "123456789012345678", "1e100", "2^53", "10//3", "10.0//3",
  "7 .. 8", "7 ..8", "7.. 8", "1e1e1", "0xep1", "0xe+1", "1_0",
} do
  local chunk, message = load("return " .. text, "=numeral")
  if chunk then print(text, pcall(chunk)) else print(text, message) end
end

for _, x in ipairs { 3.0, -3.0, 3.5, 2 ^ 53, 2 ^ 63, -2 ^ 63, 1 / 0, 0 / 0, "3", "3.0", "3.5", "0x10", "abc", {}, true } do
  print(type(x) == "table" and "table" or x, math.tointeger(x), pcall(function() return x | 0 end))
end
