-- SPDX-License-Identifier: MIT
-- string.pack, packsize and unpack: every option, order, alignment and error.
local function hex(s)
  return (s:gsub(".", function(c) return string.format("%02x", c:byte()) end))
end
local function try(format, ...)
  local ok, packed = pcall(string.pack, format, ...)
  print(format, ok, ok and hex(packed) or packed, pcall(string.packsize, format))
  if ok then print(pcall(string.unpack, format, packed)) end
end

for _, order in ipairs { "", "<", ">", "=" } do
  for _, option in ipairs { "b", "B", "h", "H", "i", "I", "l", "L", "j", "J", "T" } do
    for _, value in ipairs { 0, 1, 127, -1, 255, 256, -128 } do try(order .. option, value) end
  end
  for size = 1, 16 do
    for _, value in ipairs { 0, 1, -1, 127, 128, 255, 65535, -32768, math.maxinteger, math.mininteger } do
      try(order .. "i" .. size, value)
      try(order .. "I" .. size, value)
    end
  end
  for _, value in ipairs { 0.0, -0.0, 1.5, -2.25, 1e300, 5e-324, 1 / 0, -1 / 0, 0 / 0, 0.1, 3 } do
    try(order .. "d", value)
    try(order .. "n", value)
    try(order .. "f", value)
  end
  for size = 1, 8 do try(order .. "s" .. size, "hello") end
  try(order .. "s", "")
  try(order .. "z", "text")
  try(order .. "c10", "short")
  try(order .. "c3", "abc")
  try(order .. "!4 i1 i4 i2 i8", 1, 2, 3, 4)
  try(order .. "!8 b Xi8 i8", 1, 2)
  try(order .. "! b d b j", 1, 2.5, 3, 4)
  try(order .. "i3 x i2 xx I5", 1, 2, 3)
end
for _, format in ipairs {
  "i17", "i0", "I100", "c", "!3", "!17", "!0", "y", "X", "Xz", "Xx", "b5", "s17", "i1 2", " ", "", "<>=", "!16 i16", "c0", "i1000000000000", "!2 i4",
} do
  try(format, 1)
  print(pcall(string.packsize, format))
end
try("z", "with\0zero")
try("c2", "abc")
try("b", "x")
try("b", 1.5)
try("b", "7")
try("i4")
try("s1", string.rep("x", 256))
try("i4", 2 ^ 31)
try("B", -1)
try("j", 2 ^ 53)
print(pcall(string.unpack, "i4", "abc"))
print(pcall(string.unpack, "z", "no end"))
print(pcall(string.unpack, "s1", "\5abc"))
print(pcall(string.unpack, "s8", "\xff\xff\xff\xff\xff\xff\xff\xff"))
print(pcall(string.unpack, "i9", "\1\2\3\4\5\6\7\8\9"))
print(pcall(string.unpack, "<i9", "\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
print(pcall(string.unpack, "i4", "abcdefgh", 5))
print(pcall(string.unpack, "i4", "abcdefgh", 6))
print(pcall(string.unpack, "i4", "abcdefgh", -4))
print(pcall(string.unpack, "i4", "abcdefgh", 10))
print(pcall(string.unpack, "", "abc", 4))
print(pcall(string.unpack, "b", "abc", 0))
print(string.unpack("<i2 >i2 =i2", "\1\0\0\1\1\0"))
print(string.unpack("bbb", "\1\2\3", 2 - 1))
print(pcall(string.packsize, "s"))
print(pcall(string.packsize, "z"))
print(pcall(string.packsize, "c2147483647"))
print(pcall(string.packsize, "c9999999999"))
print(pcall(string.packsize, "c2147483647c2147483647"))
print(string.packsize("!8 b j"), string.packsize("b j"), string.packsize("<i3>i5"), string.packsize("d f n j T"))
print(pcall(string.pack, "i2 i2", 1))
print(pcall(string.pack, "d", {}))
print(string.unpack("f", string.pack("f", 0.1)), string.unpack("f", string.pack("f", 1e300)), string.unpack("f", string.pack("f", 1e-46)))
