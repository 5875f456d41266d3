-- SPDX-License-Identifier: MIT
-- Random doubles, written in many formats and read back. Every part has a seed of its own.
-- parts: 40
local seed = 20250101 * 1000 + part
print("seed", seed)

-- splitmix64
local state = seed
local function random()
  state = state + 0x9e3779b97f4a7c15
  local z = state
  z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ~ (z >> 27)) * 0x94d049bb133111eb
  return z ~ (z >> 31)
end

local function below(n) return (random() >> 1) % n end
local function double(bits) return (string.unpack("<d", string.pack("<i8", bits))) end
local function bits(x) return (string.unpack("<i8", string.pack("<d", x))) end

local kinds = {
  function() return double(random()) end, -- any bits
  function() return double(random() & 0x800fffffffffffff) end, -- subnormal
  function() return double(random() | 0x7fe0000000000000) end, -- huge, infinite, not a number
  function() return (random() >> 11) * 2.0 ^ -53 end, -- 0 to 1
  function() return below(2000000) / 2 - 500000 end, -- halves
  function() return below(200000) / 8 - 12500 end, -- eighths
  function() return below(10000000) / 1000 end, -- decimals
  function() return double(bits(2.0 ^ (below(2098) - 1074)) + below(7) - 3) end, -- around powers of two
  function() -- around powers of ten
    return double(bits(tonumber("1e" .. below(617) - 308)) + below(7) - 3)
  end,
  function() return (below(100) + 0.5) * 10.0 ^ below(15) end,
  function() return random() * 1.0 end, -- integers
  function() return (random() >> below(64)) * 2.0 ^ (below(200) - 100) end,
  function() return double(bits(below(1000000) / 100) + below(3) - 1) end,
}

local formats = {
  "%.3f", "%e", "%.0f", "%g", "%.10e", "%.15g", "%.16g", "%.20f", "%.1f", "%.2f", "%.5e", "%.0e", "%+.7g",
  "% .4e", "%020.6f", "%-25.9g|", "%.30g", "%.50e", "%.25f", "%.13a", "%.5a", "%.0a", "%A", "%G", "%E", "%30a",
}

-- A numeral of up to 40 digits, with or without a point and an exponent, decimal or hexadecimal.
local function numeral()
  local digits = {}
  local hexadecimal = below(4) == 0
  local alphabet = hexadecimal and "0123456789abcdefABCDEF" or "0123456789"
  local point = below(3) == 0 and 0 or below(45)
  for i = 1, below(8) == 0 and 1 + below(40) or 1 + below(20) do
    local d = 1 + below(#alphabet)
    digits[#digits + 1] = alphabet:sub(d, d)
    if i == point then digits[#digits + 1] = "." end
  end
  local exponent = ""
  if below(3) > 0 then
    exponent = (hexadecimal and "p" or "e") .. below(hexadecimal and 2300 or 700) - (hexadecimal and 1150 or 360)
  end
  return (below(2) == 0 and "-" or "") .. (hexadecimal and "0x" or "") .. table.concat(digits) .. exponent
end

-- The exact decimal text of the middle between x and its neighbour, and one digit more and less.
local function middle(x)
  local text = string.format("%.99f", x)
  return text, text .. "1"
end

for i = 1, 2600 do
  local x = kinds[1 + i % #kinds]()
  local long = string.format("%.17g", x)
  local format = formats[1 + below(#formats)]
  print(x, long, string.format("%a", x), (string.format(format, x)))
  if x == x and x ~= math.huge and x ~= -math.huge then
    assert(tonumber(long) == x, long)
    assert(tonumber(string.format("%a", x)) == x, long)
    local short = tonumber(tostring(x))
    if short ~= x then print(string.format("%a", short)) end
  end
  if i % 4 == 0 then
    local text = numeral()
    print(text, math.type(tonumber(text)), string.format("%a", tonumber(text)))
  end
  if i % 50 == 0 then
    -- What lies between two neighbours, to the digit: 0.5 + odd multiples of 2^-54 is such a middle.
    local n = (random() >> 12) * 2 + 1
    local text = string.format("%.60f", 0.0) .. "e0"
    local whole = n .. string.rep("0", below(30))
    local exponent = -#whole + below(20)
    print(whole, string.format("%a", tonumber(whole .. "e" .. exponent)), tonumber(text))
    print(string.format("%a %a", tonumber((2 ^ 53 | 0) + 2 * below(1000) + 1 .. ".0"),
      tonumber((2 ^ 53 | 0) + 2 * below(1000) + 1 .. ".000000000000000000000000000000000000001")))
    for _, text in ipairs { middle(double(bits(below(1000000) / 1024))) } do
      print(string.format("%a", tonumber(text)))
    end
  end
end
