-- SPDX-License-Identifier: MIT
-- The plain functions of string, coercions, escapes, comparison.
for _, s in ipairs { "", "a", "hello", "a\0b", string.rep("xyz", 100) } do
  for _, i in ipairs { 0, 1, 2, 3, -1, -2, -100, 100, math.maxinteger, math.mininteger } do
    print(#s, i, s:sub(i), s:byte(i))
    for _, j in ipairs { 0, 1, 2, -1, -2, 100, -100, math.maxinteger, math.mininteger } do print(i, j, s:sub(i, j), #s < 10 and s:byte(i, j)) end
  end
  print(s:len(), s:upper(), s:lower(), s:reverse(), s:rep(0), s:rep(1), s:rep(3), s:rep(3, ", "), s:rep(-1), s:rep(2, ""))
end
print(string.char(), string.char(72, 105), #string.char(0, 255))
print(pcall(string.char, 256))
print(pcall(string.char, -1))
print(pcall(string.char, "x"))
print(pcall(string.rep, "x", 1 << 40))
print(pcall(string.rep, "xx", math.maxinteger))
print(pcall(string.rep, "x", math.maxinteger, "y"))
print(pcall(string.rep))
print(pcall(string.rep, "x"))
print(pcall(string.rep, "x", 1.5))
print(pcall(string.rep, "x", "3"))
print(pcall(string.sub))
print(pcall(string.sub, "x"))
print(pcall(string.sub, "hello", 2.0))
print(pcall(string.sub, "hello", "2", "3"))
print(pcall(string.sub, "hello", 2.5))
print(pcall(string.byte, string.rep("x", 100), 1, -1))
print(pcall(string.upper))
print(pcall(string.len, nil))
print(pcall(string.reverse, 123))
print(#"\u{7FFFFFFF}", "\x41\065\z
      B\
C", '\'', "\"", '\\', "\a\b\f\v" == "\7\8\12\11", "\u{48}\u{20AC}\u{10FFFF}")
print([[
first line dropped]], [==[a]]b]=]c]==], #[[

]])
print(10 .. 20, 1.5 .. "", -0.0 .. "", 2 ^ 53 .. "", 2 ^ 63 .. "", 1e100 .. "", 1 / 0 .. "", math.mininteger .. "", "a" .. 1 .. "b" .. 2.0)
print("10" + 5, "0x10" + 0, "1e1" * 1, "10" // "3", "7" % "4", "2" ^ "3", -"2", -"2.0", " 10 " + 1, "10" - 1.0, "3" / 2)
print(pcall(function() return "abc" + 1 end))
print(pcall(function() return {} .. "x" end))
print(pcall(function() return "x" .. nil end))
print(pcall(function() return "x" .. true end))
print(pcall(function() return 1 < "2" end))
print(pcall(function() return "a" < 1 end))
print(pcall(function() return {} < {} end))
print(pcall(function() return nil > 1 end))
print(pcall(function() return #5 end))
print(pcall(function() return -{} end))
print(pcall(function() return -"abc" end))
for _, a in ipairs { "", "a", "A", "ab", "b", "a\0", "a\0b", "\255", "é", "10", "9" } do
  for _, b in ipairs { "", "a", "A", "ab", "b", "a\0", "a\0b", "\255", "é", "10", "9" } do
    io_line = string.format("%q %q", a, b)
    print(io_line, a < b, a <= b, a == b, a > b)
  end
end
print(tostring(nil), tostring(true), tostring(1), tostring(1.0), tostring(-0.0), tostring(1e15), tostring(1e16), tostring(123456789012345678), tostring("x"))
print(tostring(2 ^ 31), tostring(1e14), tostring(1e15 + 0.5), tostring(0.1), tostring(1 / 3), tostring(100), tostring(1e2), tostring(3.14159265358979))
print(pcall(tostring))
print(tostring({}):match("^table: 0x%x+$") ~= nil, tostring(print):match("^function: ") ~= nil, tostring(coroutine.create(print)):match("^thread: 0x") ~= nil)
print(select("#", ("x"):byte(1, 0)), ("abc"):byte(), ("abc"):byte(2), ("abc"):byte(-1))
local t = {}
for i = 1, 300 do t[i] = string.char(i % 256) end
local s = table.concat(t)
print(#s, s:reverse():reverse() == s, s:sub(100, 110):byte(1, -1))
print(("x"):rep(3, "\0"):byte(1, -1))
print(string.format("%s", ("é"):upper()), ("ÄÖ"):lower(), ("aZ"):upper(), ("aZ"):lower())
