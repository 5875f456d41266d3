-- SPDX-License-Identifier: MIT
-- load: syntax errors with their place and token, readers, modes, environments.
for _, code in ipairs {
  "x =", "x = = 1", "= 1", "local", "local 1", "local function", "local x <bad> = 1", "local x <const> = 1; x = 2", "local x <close>, y <close> = nil, nil", "if", "if x", "if x then", "if x then else", "if x then elseif", "if x then end end",
  "while", "while true", "while true do", "for", "for i", "for i =", "for i = 1", "for i = 1, 2", "for i = 1, 2 do", "for i, j", "for i in", "for i in x", "for 1 in x do end", "repeat", "repeat until", "function", "function f", "function f(", "function f()",
  "function f(a, b", "function f(a,) end", "function f(..., a) end", "function f(1) end", "function f.g:h.i() end", "return return", "return 1,", "return 1 2", "break", "goto", "goto nowhere", "::a:: ::a::", "::a", "do goto x; local y; ::x:: print(y) end",
  "goto x; local y; ::x:: print(y)", "do", "do end end", "end", "until x", "else", "(", ")", "x()", "x(", "x(1,", "x{", "x{1,", "x{1,,2}", "x{[1] 2}", "x{[1 = 2}", "x{a = }", "x.", "x:", "x:y", "x[", "x[]", "x[1", "f() = 1", "(x) = 1", "1 = x", "'x' = 1", "x, 1 = 1, 2", "x + 1",
  "x", "x.y", "x 1", "local x = 1 1", "return ...", "function f() return ... end", "x = }", "x = ]", "x = 'abc", "x = \"abc", "x = 'a\nb'", "x = [[abc", "x = [==[abc]=]", "x = [=", "x = '\\q'", "x = '\\x1'", "x = '\\xg0'", "x = '\\256'", "x = '\\u{110000000}'", "x = '\\u{'",
  "x = '\\u123'", "x = '\\u{zz}'", "x = '\\", "x = 1e", "x = 0x", "x = 3x", "x = 1..2", "x = 08x", "x = @", "x = $", "x = `a`", "x = !y", "x = a != b", "x = a ~ = b", "x = 1 +", "x = + 1", "x = * 2", "x = not", "x = #", "x = -", "x = ~", "x = a and", "x = a or or b", "x = a..", "x = ...x",
  "--[[ never closed", "--[==[ never closed ]]", "x = 5 -- comment", "#!/bin/lua", "local function f() goto l end ::l::", "for i = 1, 2 do local i <const> = 1; i = 2 end", "local a <const> = 1; local function f() a = 2 end", "x = function end", "x = function() ", "x = function() return end end", "\0", "x = \0",
  "x\0y", "é = 1", "x = 'é'", "\xef\xbb\xbfx = 1", "x = 1;;;; y = 2", ";", "", "  ", "\n\n\n x x", "x = {\n1,\n2\n", "x = (\n1", "if x then\n\n\nelse\n\nx", "local t = {} t.1 = 2", "x = a.b:c", "x = a:b.c()", "a.b:c = 1", "local a.b = 1", "f 'x' 'y'", "f{}{}", "f\n(x)", "return function() end()", "::continue::",
  "and = 1", "local end = 1", "goto = 1", "x = nil.y", "nil = 1", "true()", "x = {...}", "x = {f = function() return ... end}", "x = a < b < c", "x = a == b == c", "return", "return;", "return 1;", "return 1; x = 2", string.rep("x = 1 ", 10) .. "y", "x = '" .. string.rep("a", 200), string.rep("a", 100) .. " " .. string.rep("b", 100),
} do
  local chunk, message = load(code, "=code")
  print(#code > 60 and #code or string.format("%q", code), chunk ~= nil, message)
end

-- Limits of the compiler.
local many = {}
for i = 1, 201 do many[i] = "a" .. i end
print(load("local " .. table.concat(many, ", "), "=code"))
print(load("local " .. table.concat(many, ", ", 1, 200), "=code") ~= nil)
local upvalues = {}
for i = 1, 256 do upvalues[i] = "local u" .. i % 190 .. "_" .. i // 190 .. " = " .. i end
-- Too deep for lua5.4's parser and for ours, whose C stack is smaller; under pcall, as no handler has to fit as well.
for _, code in ipairs {
  "x = " .. string.rep("(", 250) .. "1", string.rep("do ", 250), "x = " .. string.rep("{", 250), "x = a" .. string.rep(" .. a", 300),
  string.rep("function f() ", 250), "x = " .. string.rep("not ", 250) .. "1", "x = " .. string.rep("2 ^ ", 250) .. "1",
} do
  print((select(3, pcall(load, code, "=code"))):match("overflow"))
end
print((select(2, load("x = " .. string.rep("-", 500) .. "1", "=code"))))
print(load("return " .. string.rep("a.", 300) .. "b", "=code") ~= nil)
print(load("f(" .. string.rep("a, ", 260) .. "a)", "=code"))
print(load("return " .. string.rep("'x', ", 300) .. "'y'", "=code"))
local strings = {}
for i = 1, 5000 do strings[i] = "'s" .. i .. "'" end
print(#load("return {" .. table.concat(strings, ", ") .. "}", "=code")())

-- Names of chunks in messages.
for _, name in ipairs { "=name", "@file.lua", "x = 1", "x = 1\ny = 2", "", "=", "@", "=" .. string.rep("n", 100), "@" .. string.rep("f", 100), string.rep("s", 100), "\n", "a\0b" } do
  print(select(2, load("x = = 1", name)))
  print(select(2, pcall(load("error('e')", name))))
end
print(select(2, load("x = = 1")))
print(select(2, load(function() return nil end)), load(function() return nil end) ~= nil)

-- Readers.
local function reader(parts)
  local i = 0
  return function() i = i + 1 return parts[i] end
end
print(load(reader { "return ", "1 + ", "2" })(), load(reader { "ret", "urn 'a", "b'" })(), load(reader { "return 1", "", "+ 5" })())
print(load(reader { "return ", 5 })())
print(pcall(load, reader { "return ", {} }))
print(pcall(load, function() error("reader fails", 0) end))
print(load(reader { "x = =" }, "=reader"))
print(pcall(load))
print(pcall(load, 5))
print(pcall(load, nil))
print(pcall(load, {}))
print(load("return 1", "=x", "t")(), load("return 1", "=x", "bt")())
print(load("return 1", "=x", "b"))
print(load("return 1", "=x", "x"))
print((load("\27Lua", "=x", "t")), (load("\27Lua\x54", "=x")))

-- Environments.
local env = { v = 7 }
print(load("return v", "=x", "t", env)(), load("v = 8", "=x", "t", env)(), env.v, load("return _ENV", "=x", "t", env)() == env, pcall(load("return v", "=x", "t", nil)))
print(load("local a, b = ... return b, a")(1, 2), load("return ...")(), select("#", load("return ...")(nil, nil)))
print(load("return function(...) return select('#', ...) end")()(1, nil, nil))
