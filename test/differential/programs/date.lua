-- SPDX-License-Identifier: MIT
-- os.date, os.time and os.difftime, with TZ=UTC. What depends on the present is only checked for its shape.
-- glibc's strftime lets a year above 2^31 run over; such years are not printed.
local conversions = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%"
local times = {
  0, 1, -1, 59, 60, 86399, 86400, -86400, -86401, 951782400, 951868799, 951868800, 1709164800, 1709251199, 1709251200, 1000000000, 1234567890, 2147483647, 2147483648, 4102444800, -2208988800, -62135596800, -62167219200, -62167219201,
  -99999999999, 99999999999, 253402300799, 253402300800, 1e12 | 0, -1e12 | 0, 1e15 | 0, -1e15 | 0, 67767976233532799 - 366 * 86400, -67768040609740800,
}
for year = 1995, 2030 do
  times[#times + 1] = os.time { year = year, month = 1, day = 1, hour = 0 }
  times[#times + 1] = os.time { year = year, month = 12, day = 31, hour = 23, min = 59, sec = 59 }
  times[#times + 1] = os.time { year = year, month = 2, day = 29 }
end
for _, time in ipairs(times) do
  local out = {}
  for c in conversions:gmatch(".") do out[#out + 1] = c .. "=" .. os.date("%" .. c, time) end
  print(time, table.concat(out, "|"))
  print(os.date("!%c %Z %z", time), os.date(nil, time), os.date("!%Ec %EC %Ex %EX %Ey %EY", time), os.date("%Od %Oe %OH %OI %Om %OM %OS %Ou %OU %OV %Ow %OW %Oy", time))
  for _, format in ipairs { "*t", "!*t" } do
    local t = os.date(format, time)
    print(t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.isdst, pcall(os.time, t))
  end
end

local function try(t)
  local ok, time = pcall(os.time, t)
  print(ok, time, t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.isdst)
end
for _, t in ipairs {
  { year = 2024, month = 2, day = 30 }, { year = 2023, month = 2, day = 29 }, { year = 2024, month = 13, day = 1 }, { year = 2024, month = 0, day = 0 }, { year = 2024, month = -11, day = 1 }, { year = 2024, month = 1, day = 1, hour = -1 },
  { year = 2024, month = 1, day = 1, hour = 25, min = 61, sec = 61 }, { year = 2024, month = 1, day = 1, sec = 1000000 }, { year = 2024, month = 1, day = 1, sec = -1000000 }, { year = 2024, month = 1, day = 366 }, { year = 2024, month = 1, day = 10000 },
  { year = 2024, month = 1, day = -10000 }, { year = 1900, month = 3, day = 0 }, { year = 2000, month = 3, day = 0 }, { year = 2100, month = 3, day = 0 }, { year = 1, month = 1, day = 1 }, { year = 0, month = 1, day = 1 }, { year = -1, month = 1, day = 1 },
  { year = 2020, month = 1, day = 1, isdst = true }, { year = 2020, month = 7, day = 1, isdst = true }, { year = 2020, month = 7, day = 1, isdst = false }, { year = 9999, month = 12, day = 31, isdst = true }, { year = "2020", month = "1", day = "1" },
  { year = 2020.0, month = 1, day = 1 }, { year = 2147485547, month = 12, day = 31, hour = 23, min = 59, sec = 59 }, { year = -2147481748, month = 1, day = 1, hour = 0 }, { year = 1969, month = 12, day = 31, hour = 23, min = 59, sec = 58 },
} do
  try(t)
end
for _, t in ipairs {
  {}, { year = 2020 }, { year = 2020, month = 1 }, { year = 2020, day = 1 }, { month = 1, day = 1 }, { year = "x", month = 1, day = 1 }, { year = 2020.5, month = 1, day = 1 }, { year = 2020, month = {}, day = 1 }, { year = 2020, month = 1, day = 1, hour = "y" },
  { year = 1 << 40, month = 1, day = 1 }, { year = -(1 << 40), month = 1, day = 1 }, { year = 2020, month = 1 << 31, day = 1 }, { year = 2020, month = 1, day = 1, sec = 1 << 31 }, { year = 2020, month = 1, day = 1, sec = -(1 << 31) - 1 },
  { year = 2147485548, month = 1, day = 1 }, { year = 2147485547, month = 12, day = 32 }, { year = -2147481748, month = 1, day = 0 }, { year = 1969, month = 12, day = 31, hour = 23, min = 59, sec = 59 }, { year = math.maxinteger, month = 1, day = 1 },
} do
  print(pcall(os.time, t))
end
for _, format in ipairs { "%", "%Q", "%E", "%Ez", "%EQ", "%O", "%Oc", "%5d", "%-d", "%_d", "%Ex%", "abc%", "%\0", "%+", "%k", "%l", "%s", "%P", "%f", "%N", "%v", "%é" } do print(pcall(os.date, format, 0)) end
print(pcall(os.date, "*t", 1 << 60))
print(pcall(os.date, "%c", math.maxinteger))
print(pcall(os.date, "%c", math.mininteger))
print(pcall(os.date, "%a %d %b %X", 67768036191676799))
print(pcall(os.date, "%c", 67768036191676800))
print(pcall(os.date, "%Y", -67768040609740801))
print(pcall(os.date, "%c", 1.5))
print(pcall(os.date, "%c", "x"))
print(pcall(os.date, "%c", 3.0))
print(pcall(os.date, "%c", "10"))
print(pcall(os.date, {}, 0))
print(pcall(os.date, 5, 0))
print(#os.date("a\0b%Y\0", 0), os.date("", 0), os.date("plain", 0), os.date("%%%n%t|", 0), os.date("!", 0), os.date("!!%Y", 0))
print(os.date(string.rep("%Y ", 100), 0))
print(os.difftime(10, 5), os.difftime(5, 10), os.difftime(math.maxinteger, math.mininteger), os.difftime(math.mininteger, math.maxinteger), os.difftime(0, 0), math.type(os.difftime(1, 0)))
print(pcall(os.difftime))
print(pcall(os.difftime, 1))
print(pcall(os.difftime, 1.5, 0))
print(pcall(os.time, 5))
print(pcall(os.time, "x"))
print(math.type(os.time()), os.time() > 1700000000, math.type(os.clock()), os.clock() >= 0, #os.date(), os.date("%Y") + 0 >= 2024, os.time(os.date("*t")) - os.time() <= 1)
print(os.time(nil) >= os.time() - 1)
local before = os.clock()
for i = 1, 200000 do local _ = i end
print(os.clock() > before)
