-- SPDX-License-Identifier: MIT
-- Every power of two and of ten, and the numerals half-way between two doubles.
-- parts: 6
local function double(bits) return (string.unpack("<d", string.pack("<i8", bits))) end
local function bits(x) return (string.unpack("<i8", string.pack("<d", x))) end

local formats = { "%.14g", "%.17g", "%a", "%.0f", "%.3f", "%.0e", "%.20e", "%.99g" }
local function show(x)
  for _, format in ipairs(formats) do print(format, (string.format(format, x))) end
end

if part <= 3 then
  for e = -1074 + (part - 1) * 700, math.min(1023, -1074 + part * 700 - 1) do
    local x = 2.0 ^ e
    print(e, x, -x, string.format("%.17g %a %.3e", x, x, x))
    print(string.format("%.17g %.17g", double(bits(x) + 1), double(bits(x) - 1)))
    print(string.format("%a %a %a", tonumber("0x1p" .. e), tonumber("0x1.00000000000008p" .. e),
      tonumber("0x1.000000000000080000000001p" .. e)))
    -- The numeral of 17 digits leads back; that of 15 may not.
    assert(tonumber(string.format("%.17g", x)) == x)
    print(string.format("%a", tonumber(string.format("%.15g", x))))
  end
elseif part == 4 then
  for e = -345, 312 do
    for _, digits in ipairs { "1", "5", "9", "4.4501477170144", "1.7976931348623", "9.9999999999999999999999" } do
      local x = tonumber(digits .. "e" .. e)
      print(digits, e, x, string.format("%.17g %a", x, x))
    end
  end
elseif part == 5 then
  for _, x in ipairs {
    0.0, -0.0, 1 / 0, -1 / 0, 0 / 0, -(0 / 0), 0.1, 0.2, 0.3, 1 / 3, 0.5, 1.5, 2.5, 3.5, 0.125, 0.375, 9.5, 99.5, 999.5, 999999.5,
    9999999.5, 99999999999999.5, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 2.2250738585072009e-308, 1e22, 1e23,
    123456789.125, 0.0001, 0.00001, 0.00009999999999999999, 1e15, 1e16, 1e14, 123456789012345.0, 4.35, 2 ^ 53, 2 ^ 63, -2 ^ 63,
    2 ^ 64, 1e100, 1e-100, 1e300, 1e-300,
  } do
    show(x)
  end
else
  local texts = {
    -- the border of infinity
    "1.7976931348623158e308", "1.7976931348623159e308", "1.797693134862315807e308", "0x1.fffffffffffff7ffffp1023",
    "0x1.fffffffffffff8p1023", "1e308", "1e309", "1e999999999999999999999", "0x1p1024", "0x1p99999999999999999999",
    -- and of zero
    "2.4703282292062327e-324", "2.4703282292062328e-324", "4.9406564584124654e-324", "7.4109846876186982e-324", "1e-323",
    "0x1p-1074", "0x1p-1075", "0x1.0000000000000000000001p-1075", "0x1p-1076", "1e-400", "1e-999999999999999999999",
    "2.2250738585072011e-308", "2.2250738585072012e-308", "2.2250738585072013e-308", "2.2250738585072014e-308",
    -- half-way
    "9007199254740993.0", "9007199254740993.00000000000000000000000000000000000001", "9007199254740992.99999999999999999999999",
    "9007199254740995.0", "1.00000000000000011102230246251565404236316680908203125",
    "1.00000000000000011102230246251565404236316680908203124", "1.00000000000000011102230246251565404236316680908203126",
    "0.500000000000000166533453693773481063544750213623046875", "0.5000000000000001665334536937734810635447502136230468749",
    "0.500000000000000055511151231257827021181583404541015625", "0.5000000000000000555111512312578270211815834045410156250001",
    "8.5", "1e23", "8.41e21", "9.5e-3", "6.8e-320", "358416272e-33", "1.4e-45", "9223372036854775807.0", "18446744073709551615.0",
    "9214843084008499.0", "0.5e-323", "1090544144181609348671888949248.0",
    -- long
    "0." .. string.rep("0", 400) .. "1e401", string.rep("9", 400), "0." .. string.rep("3", 2000), string.rep("1", 309) .. ".0",
    string.rep("1", 310) .. ".0", "1" .. string.rep("0", 1000) .. "e-1000", "0x" .. string.rep("f", 500) .. ".8p-2000",
    "0x." .. string.rep("0", 500) .. "1p2000", "0x0.0000000000001p-1022", "0x0.00000000000008p-1022", "0x0.00000000000018p-1022",
    "123456789012345678901234567890", "0x123456789abcdef0123456789abcdef", "0x1.8", "0xA.8p1", "0x.8", "0x8.", "0Xap+3",
  }
  for _, text in ipairs(texts) do
    for _, sign in ipairs { "", "-" } do
      local x = tonumber(sign .. text)
      print(#text, text:sub(1, 60), math.type(x), x, string.format("%a", x))
    end
  end
  -- %g drops zeros; # keeps them
  for _, x in ipairs { 100000.0, 123456.0, 1234567.0, 0.0001234, 0.00001234, 1e10, 1.0, 0.0, 1e100 } do
    print(string.format("%g %G %#g %.3g %#.3g %.0g %#.0g %.10g %#.0f %#.0e %#a", x, x, x, x, x, x, x, x, x, x, x))
  end
end
