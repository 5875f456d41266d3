-- SPDX-License-Identifier: MIT
-- Every operator on every pair of some values: integers, floats, strings, and what is none of them.
-- parts: 4
local values = {
  0, 1, -1, 2, -2, 3, -3, 7, -7, 10, 63, 64, -64, math.maxinteger, math.mininteger, 0.0, -0.0, 1.0, 0.5, -0.5, 1.5, -2.5, 3.7, 1e15, 2 ^ 53,
  -2 ^ 63, 2 ^ 63, 1e308, 5e-324, 1 / 0, -1 / 0, "10", "0x10", "3.5", " 7 ", "abc", "",
}
local function text(x)
  if x ~= x then return "nan" end
  return type(x) == "string" and string.format("%q", x) or tostring(x)
end
local groups = {
  {
    { "+", function(a, b) return a + b end }, { "-", function(a, b) return a - b end }, { "*", function(a, b) return a * b end },
    { "/", function(a, b) return a / b end },
  },
  { { "//", function(a, b) return a // b end }, { "%", function(a, b) return a % b end } },
  {
    { "&", function(a, b) return a & b end }, { "|", function(a, b) return a | b end }, { "~", function(a, b) return a ~ b end },
    { "<<", function(a, b) return a << b end }, { ">>", function(a, b) return a >> b end },
  },
  {
    { "==", function(a, b) return a == b end }, { "<", function(a, b) return a < b end }, { "<=", function(a, b) return a <= b end },
    { "..", function(a, b) return a .. b end },
  },
}
for _, operator in ipairs(groups[part]) do
  for _, a in ipairs(values) do
    for _, b in ipairs(values) do
      local ok, result = pcall(operator[2], a, b)
      print(text(a), operator[1], text(b), text(result), ok and math.type(result))
    end
  end
end
if part == 1 then
  for _, a in ipairs(values) do
    print(text(a), text(select(2, pcall(function() return -a end))), text(select(2, pcall(function() return ~a end))),
      text(select(2, pcall(function() return #a end))), text(not a))
  end
elseif part == 2 then
  -- Constants are folded by the compiler; they must come out as at run time.
  print(7 // 2, -7 // 2, 7 // -2, 7 % -3, -7 % 3, 7.5 // 2, -7.5 // 2, 7.5 % -2, -7.5 % 2, 5 % math.huge, -5 % math.huge, 5 // 0.0, -5 // 0.0)
  print(math.mininteger // -1, math.mininteger % -1, math.maxinteger + 1 == math.mininteger, 1 // 0.0, 0.0 / 0.0 ~= 0.0 / 0.0, 3 % -math.huge)
  print(pcall(function() return 1 // 0 end))
  print(pcall(function() return 1 % 0 end))
  print(5.3 % 2, -5.3 % 2, 5.3 % -2, 1e308 % 3, 5e-324 % 1, 1e15 % 7, 2 ^ 53 % 3, 0.3 % 0.1, 1 % 0.1, -0.0 % 5, 0.0 % -5)
  for i = 1, 200 do
    local a, b = i * 12345.678 - 1234567, (i % 17 - 8) + 0.25
    print(string.format("%a %a %a", a % b, a // b, math.fmod(a, b)))
  end
elseif part == 3 then
  print(1 << 63, 1 << 64, 1 << -1, -1 >> 1, -1 >> 63, -1 >> 64, -1 << 64, 1 << 62, 2 ^ 53 | 0, ~0, ~5.0)
  print(pcall(function() return "3" | 0 end))
  print(pcall(function() return "0x10" & 0xff end))
  print(pcall(function() return 1.5 | 0 end))
  print(pcall(function() return "1.5" | 0 end))
  print(pcall(function() return 2 ^ 64 | 0 end))
  print(pcall(function() return {} | 0 end))
  print(pcall(function() local x = "a" return x | 0 end))
else
  print(1 == 1.0, "1" == 1, 0 == -0.0, math.maxinteger == math.maxinteger + 0.0, math.maxinteger < math.maxinteger + 0.0, 2 ^ 53 == 2 ^ 53 + 1)
  print(math.mininteger == -2 ^ 63, math.mininteger <= -2 ^ 63, math.maxinteger < 2 ^ 63, math.maxinteger >= 2 ^ 63, 1 < 1.5, 2 > 1.5)
  print(0 / 0 == 0 / 0, 0 / 0 < 1, 1 < 0 / 0, 1 / 0 > math.maxinteger, -1 / 0 < math.mininteger)
  print("a" < "b", "a" < "B", "" < "a", "a\0b" < "a\0c", "a\0" > "a", "Z" < "a", "é" > "z", "10" < "9")
  -- Loops.
  for i = math.maxinteger - 2, math.maxinteger do io = i end
  print(io)
  for i = math.mininteger + 2, math.mininteger, -1 do io = i end
  print(io)
  for x = 1.0, 2.0, 0.25 do print(x) end
  for x = 1, 0 do print("never", x) end
  for x = 3, 1, -1 do print(x) end
  for x = 0.1, 0.35, 0.1 do print(x) end
  print(pcall(function() for i = 1, 10, 0 do end end))
  print(pcall(function() for i = "a", 10 do end end))
  print(pcall(function() for i = 1, {} do end end))
  print(pcall(function() for i = 1, 2, "x" do end end))
  for i = 1, math.huge do if i > 3 then break end print(i) end
  for i = 3, 1.5, -1 do print(i) end
  for i = math.maxinteger - 1, math.huge do print(i) end
end
