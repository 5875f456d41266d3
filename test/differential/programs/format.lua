-- SPDX-License-Identifier: MIT
-- string.format: every conversion with every combination of flags, width and precision.
-- A known bug of glibc 2.36 is kept out: "%#g" of a number that rounds up to the next power of ten loses its zeros
-- there ("1.e+06" instead of "1.00000e+06").
-- parts: 3
local flags = {}
for bits = 0, 31 do
  local set = ""
  for i, flag in ipairs { "-", "+", " ", "#", "0" } do
    if bits >> (i - 1) & 1 == 1 then set = set .. flag end
  end
  flags[#flags + 1] = set
end
local widths = { "", "1", "7", "20", "99" }
local precisions = { "", ".", ".0", ".1", ".5", ".15", ".99" }

local function try(format, value)
  local ok, result = pcall(string.format, format, value)
  print(format, value, ok, result)
end

local values = {
  d = { 0, 1, -1, 42, -12345, math.maxinteger, math.mininteger },
  f = { 0.0, -0.0, 1.0, -1.5, 3.14159265358979, 12345.678, -1e-5, 1e100, 1 / 0, -1 / 0, 0 / 0, 5e-324, 255.9375 },
}

if part == 1 then
  for _, conversion in ipairs { "d", "i", "x", "X", "o", "c" } do
    for _, set in ipairs(flags) do
      for _, width in ipairs { "", "1", "7", "30" } do
        for _, precision in ipairs { "", ".0", ".3", ".25" } do
          local format = "%" .. set .. width .. precision .. conversion
          if conversion == "c" then
            try(format, 65)
          else
            for _, value in ipairs(values.d) do
              if precision == ".25" or width == "30" then
                if value ~= 1 and value ~= -12345 then goto continue end
              end
              try(format, value)
              ::continue::
            end
          end
        end
      end
    end
  end
elseif part == 2 then
  for _, conversion in ipairs { "e", "E", "f", "F", "g", "G", "a", "A" } do
    for i, set in ipairs(flags) do
      for j, width in ipairs(widths) do
        for k, precision in ipairs(precisions) do
          local format = "%" .. set .. width .. precision .. conversion
          local value = values.f[1 + (i * 7 + j * 3 + k) % #values.f]
          try(format, value)
          if width == "20" then try(format, values.f[1 + (i + j + k) % #values.f]) end
        end
      end
    end
  end
else
  for _, set in ipairs(flags) do
    for _, width in ipairs(widths) do
      for _, precision in ipairs(precisions) do
        try("%" .. set .. width .. precision .. "s", "hello world")
        try("%" .. set .. width .. precision .. "q", "hello")
      end
    end
  end
  for _, value in ipairs {
    0, 1, -1, math.maxinteger, math.mininteger, 1.0, -0.0, 1 / 0, -1 / 0, 0 / 0, 0.1, 1e300, 5e-324, 2 ^ 53, "a\nb\0c\r\t\"\\\1272\0010\xff",
    "", "\0001", "plain", true, false,
  } do
    print(string.format("%q", value))
  end
  print(string.format("%q", nil))
  print(pcall(string.format, "%q", {}))
  print(pcall(string.format, "%q", print))
  try("%10q", "x")
  print(string.format("%s %s %s", 1, 1.0, nil), string.format("%s", setmetatable({}, { __tostring = function() return "me" end })))
  print(pcall(string.format, "%s", setmetatable({}, { __tostring = function() return 1 end })))
  print(string.format("%s|%10s|%-10s|%.2s", setmetatable({}, { __name = "My.Type" }) and "x", "abc", "abc", "abc"))
  print(string.format("%p", 1), string.format("%p", nil), string.format("%10p|", true), string.format("%-10p|", 1.5))
  print(string.format("%p", {}) == string.format("%p", {}), string.format("%p", "short") == string.format("%p", "sho" .. "rt"))
  print(string.format("%%"), string.format("100%%|%d%%", 5), string.format("%c%c%c", 76, 117, 97), #string.format("%c", 0))
  print(string.format("%5c|%-5c|", 65, 66))
  print(string.format("%s", "with\0zero"):byte(1, -1))
  print(pcall(string.format, "%10s", "with\0zero"))
  print(#string.format("%s", string.rep("x", 1000)), #string.format("%.20s", string.rep("x", 1000)), #string.format("%99s", "x"))
  print(#string.format("%-99s|", string.rep("y", 200)), #string.format("%99.99f", -1.7976931348623157e308))
  for _, format in ipairs {
    "%", "%5", "%y", "%-", "%100d", "%.100d", "%1000d", "%.1000f", "%0010d", "%d %", "%ll", "%ld", "%u", "%n", "%*d", "%.3.3f", "%#d", "%+x", "%0s",
    "%+s", "%#s", "% s", "%05s", "%+c", "%.3c", "%.3p", "%#p", "%-#5x", "%--5d", "%-+ #0d", "%-----------------------------5d", "%00d", "%.d",
    "%\0", "%\n", "%é", "% 5%",
  } do
    print(format, pcall(string.format, format, 7))
  end
  for _, value in ipairs { "10", "0x10", "1e1", "3.0", "3.5", "abc", "", " 5 ", 3.0, 3.5, 2 ^ 53, 2 ^ 63, true } do
    print(value, pcall(string.format, "%d", value))
    print(value, pcall(string.format, "%x", value))
    print(value, pcall(string.format, "%.3f", value))
    print(value, pcall(string.format, "%c", value))
  end
  print(pcall(string.format, "%d"))
  print(pcall(string.format, "%s"))
  print(pcall(string.format))
  print(pcall(string.format, "%s %s", 1))
  print(string.format("no conversions", 1, 2, 3))
end
