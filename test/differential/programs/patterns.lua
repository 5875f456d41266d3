-- SPDX-License-Identifier: MIT
-- find, match, gmatch and gsub: classes, sets, repetitions, captures, anchors, frontiers, balance, errors.
local subject = "The quick (brown) fox, jumped_over 13 lazy dogs; 3.14 = pi! äöü\t\n\0end"
for _, pattern in ipairs {
  "%a+", "%d+", "%s+", "%w+", "%p+", "%u", "%l+", "%x+", "%c", "%g+", "%A+", "%D+", "%S+", "%W+", "%P+", "%U+", "%L+", "%X+", "%C+", "%G+", "%z", ".", ".-", ".*", "^The", "^the",
  "end$", "$", "^", "^$", "%(.-%)", "%b()", "%b((", "%f[%w]%w+", "%f[%W]", "%f[%z]", "[aeiou]", "[^aeiou]+", "[a-f]+", "[%a_]+", "[]]", "[^]]+", "[a-]", "[-a]", "[%-x]", "[a%]]",
  "(%a+) (%a+)", "()q()", "((a)(b?))", "(%d+)%.(%d+)", "x*", "x-", "x?", "o?x", "(.)%1", "(%w)(%w)%2", "()", "(.-)%s", "q.-k", "%%", "%.", "3%.14", "\0", "\0e", "[\0-\31]", "ä", "[ä]", "\xc3.",
} do
  print(pattern, subject:find(pattern))
  print(pattern, subject:match(pattern))
  print(pattern, (subject:gsub(pattern, "<%0>")))
  print(pattern, select(2, subject:gsub(pattern, "")))
  local all = {}
  for a, b in subject:gmatch(pattern) do
    all[#all + 1] = tostring(a) .. ":" .. tostring(b)
    if #all > 20 then break end
  end
  print(table.concat(all, " "))
  for _, start in ipairs { 1, 5, -5, 0, 100, -100, math.maxinteger, math.mininteger } do print(start, subject:find(pattern, start)) end
end

for _, case in ipairs {
  { "hello world", "o", "0" }, { "hello world", "o", "0", 1 }, { "hello world", "o", "0", 0 }, { "hello world", "o", "0", -1 }, { "hello", "", "-" }, { "hello", "l*", "x" }, { "abc", "%w", "%0%0" },
  { "abc", "(a)(b)(c)", "%3%2%1" }, { "abc", "a", "%%" }, { "abc", "^a", "x" }, { "aaa", "^a", "x" }, { "abc def", "%w+", "%0 %0", 1 }, { "a,b,,c", ",", ";" }, { "", "", "x" }, { "", "x", "y" },
  { "abc", "()", "%1" }, { "abc", ".", { a = "1", b = true, c = false } }, { "abc", ".", { a = 1, b = 2.5 } }, { "abc", "(.)(.)", { a = "z" } }, { "abc", ".", function(c) return c:upper() end },
  { "abc", ".", function() return nil end }, { "abc", ".", function() return false end }, { "abc", ".", function() return 1 end }, { "a.b", "%.", "%%." }, { "x = y", "(%w+) = (%w+)", "%2 = %1" },
} do
  print(pcall(string.gsub, table.unpack(case)))
end

-- Errors.
for _, pattern in ipairs {
  "%", "[a", "[", "[^", "[]", "(", ")", "(()", "%b", "%bx", "%f", "%fa", "%1", "(%1)", "%9", "(a)%2", "[a-%", "[%", "%g(", string.rep("(a)", 33), string.rep("a?", 6) .. string.rep("a", 6),
  "(a)(", "a)b", "[a-z", "%0",
} do
  local ok, message = pcall(string.find, "aaaaaaaaaaaaaaaaaaaa", pattern)
  print(#pattern, pattern:sub(1, 20), ok, message)
end
for _, replacement in ipairs { "%", "%a", "%2", "%1", "%0", "%%", "x%", "%9" } do print(replacement, pcall(string.gsub, "abc", "b", replacement)) end
print(pcall(string.gsub, "abc", ".", function() return {} end))
print(pcall(string.gsub, "abc", ".", { a = {} }))
print(pcall(string.gsub, "abc", ".", function() error("inside", 0) end))
print(pcall(string.gsub, "abc", "."))
print(pcall(string.gsub, "abc", ".", nil))
print(pcall(string.gsub, "abc", ".", true))
print(pcall(string.find, "abc"))
print(pcall(string.find, {}, "a"))
print(pcall(string.gmatch, "abc"))
print(pcall(string.rep("x", 10).find, "x", string.rep("(", 40)))
print(pcall(string.match, string.rep("a", 1000), string.rep(".-", 4) .. "b$", 970))
print(pcall(string.match, string.rep("(", 300) .. string.rep(")", 300), string.rep("%b()", 3)))

-- Plain search, gmatch with a start, nested use.
print(("a.b.c"):find(".", 1, true), ("a.b.c"):find(".", 3, true), ("a.b"):find("", 1, true), ("abc"):find("c", -1, true), ("abc"):find("", 10), ("abc"):find("", 4))
for word in ("one two three"):gmatch("%a+", 5) do print(word) end
for word in ("one two three"):gmatch("%a+", -5) do print(word) end
for k, v in ("a=1, b=2, c=3"):gmatch("(%w+)=(%w+)") do print(k, v) end
for position in ("abc"):gmatch("()") do print(position) end
for a in ("abc"):gmatch("^a") do print("anchored", a) end
print(("x"):rep(10):gsub("x", function() return (("y"):rep(3):gsub("y", "z")) end))
print(string.find("abc\0def", "\0"), string.find("abc\0def", "%z"), ("a\0b"):match("a%zb") == "a\0b", #("a\0\0b"):gsub("%z", ""))
print(("THE (quick) fox"):find("%((%a+)%)"))
print(("key = value # comment"):match("^(%w+)%s*=%s*(%w+)"))
print(("  trim me  "):match("^%s*(.-)%s*$") .. "|")
print((("%d"):gsub("%%d", "%%s")))
for i = 0, 255 do
  local c = string.char(i)
  local classes = {}
  for _, class in ipairs { "a", "c", "d", "g", "l", "p", "s", "u", "w", "x" } do
    if c:find("%" .. class) then classes[#classes + 1] = class end
  end
  print(i, table.concat(classes), c:upper():byte(), c:lower():byte())
end
