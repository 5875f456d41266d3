-- SPDX-License-Identifier: MIT
-- Checks a servant of t.lua through a proxy: checks.lua INTERFACE PORT PROFILE [PREFIX LACKING [SETTLE]]. Prints "ok" or what is wrong,
-- and exits with 1. PREFIX is what the text of an error begins with, LACKING the text for a method that the object lacks,
-- SETTLE how many seconds a server may take to close behind a reply.
local luarpc = require "luarpc"
local file, port, profile = arg[1], arg[2], arg[3]
local prefix, no_such = arg[4] or "", arg[5] or "lacking: the servant's object has no such method"
luarpc.limits.settle = tonumber(arg[6]) or luarpc.limits.settle
local p = luarpc.createProxy("127.0.0.1", port, file, { profile = profile, timeout = 20 })

local function same(a, b)
  return a == b and (a ~= 0 or 1 / a == 1 / b) or (a ~= a and b ~= b)
end

local count = 0
local function check(what, got, ...)
  local expected = { n = select("#", ...), ... }
  local ok = got.n == expected.n
  for index = 1, expected.n do ok = ok and same(got[index], expected[index]) end
  if not ok then
    local parts = {}
    for index = 1, got.n do parts[index] = ("%q"):format(tostring(got[index])):sub(1, 200) end
    print(("%s: got %s"):format(what, table.concat(parts, ", ")))
    os.exit(1)
  end
  count = count + 1
end
local function pack(...) return { n = select("#", ...), ... } end

check("a method with a colon", pack(p:foo(3, 5)), 8, "alo alo")
check("a method with a dot", pack(p.foo(3, 5)), 8, "alo alo")
check("strings as numbers", pack(p:foo("3", " 0x5 ")), 8, "alo alo")
check("missing arguments", pack(p:foo(3)), 3, "alo alo")
check("nil in the middle", pack(p:foo(nil, 5)), 5, "alo alo")
check("surplus arguments", pack(p:foo(3, 5, 7, "x")), 8, "alo alo")
check("a void method", pack(p:nothing()))
check("an inout argument", pack(p:boo(10)), 10)
check("out, in and inout", pack(p:mixed("hello", "c")), "hello", 1, "c")
check("numbers as strings", pack(p:echo(5)), "5")
for _, value in ipairs { 2 ^ 53, 0.1, 1e300, -0.0, 1 / 0, -1 / 0, 0 / 0, 1e21, 123456.789, 5e-324, 1e15, -1e-7 } do
  check("a double", pack(p:boo(value)), value)
end
local strings = { "", " ", "  padded ", "a\nb", "\n", "nil", "'", '"', "\\", "\\n", "\195\169", "\233", "a\0b", ("x"):rep(100000) }
for _, text in ipairs(strings) do check("a string", pack(p:echo(text)), text) end
for _, char in ipairs { "x", " ", "\n", "\\", '"', "\0", "\255" } do check("a char", pack(p:one(char)), char) end
check("a missing char", pack(p:one()), " ")
check("an error", pack(p:fail("two\nlines")), nil, prefix .. "two\nlines")
check("a call after an error", pack(p:foo(3, 5)), 8, "alo alo")
local refused, message = p:echo("___ERRORPC: fooled")
check("a value that would read as an error", pack(refused, message), nil, "echo: the result would read as an error")
check("a method outside the interface", pack(p:nada()), nil, "no method 'nada' in the interface t")
check("a call after it", pack(p.foo(3, 5)), 8, "alo alo")
local _, lacking = p:lacking()
check("a method that the object lacks", pack(lacking), no_such)
for _, case in ipairs { { "foo", "abc", 5 }, { "foo", 3, {} }, { "one", "ab" }, { "echo", true } } do
  local ok, thrown = pcall(p[case[1]], case[2], case[3])
  check("an argument that does not convert", pack(ok, thrown:match("checks%.lua:%d+") ~= nil or thrown:match("must be a") ~= nil), false, true)
end
-- An interface with a method that the servant does not know.
local wider = luarpc.parseInterface("interface t { void nada (in double a); double foo (in double a, in double b, out string s); }")
local q = luarpc.createproxy("127.0.0.1", port, wider, { profile = profile, timeout = 20 })
for _ = 1, 3 do
  check("a method that the servant does not know", pack(q:nada(1)), nil, "no method 'nada' in the interface t")
  check("a call after it", pack(q:foo(3, 5)), 8, "alo alo")
end
print("ok " .. count)
