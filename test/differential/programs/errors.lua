-- SPDX-License-Identifier: MIT
-- Run-time error messages with the names of what went wrong, error levels, handlers, assert.
-- Debian's lua5.4 is 5.4.4; what 5.4.8 words differently is left out: see the notes in place.
local up
local t = { field = { deep = {} } }
local cases = {
  function() local x; x() end,
  function() local x; x.y = 1 end,
  function() local x; return x.y.z end,
  function() return t.nofield.x end,
  function() return t.field.deep.no.x end,
  function() t.nomethod() end,
  function() t:nomethod() end,
  function() t.field:nomethod(1) end,
  function() undefinedfunction() end,
  function() undefinedtable.x = 1 end,
  function() return undefinedtable.x end,
  function() up() end,
  function() return up.x end,
  function() up.x = 5 end,
  function() return ("x").y.z end,
  function() return (5)() end,
  function() return ("x")() end,
  function() return t.field + 1 end,
  function() return 1 + t.field end,
  function() local a = {} return a + 1 end,
  function() return up + 1 end,
  function() return undefinednumber + 1 end,
  function() return -t end,
  function() return #up end,
  function() return t .. "x" end,
  function() return "x" .. t.field end,
  function() return 1 .. up end,
  function() return t < t end,
  function() return 1 < "x" end,
  function() return {} <= 1 end,
  function() return nil > 1 end,
  function() return t.field.deep < 1 end,
  function() return 1.5 & 1 end,
  function() return "a" & 1 end,
  function() return t | 1 end,
  function() return 2 ^ 63 | 0 end,
  function() return ~1.5 end,
  function() return 1 // 0 end,
  function() return 1 % 0 end,
  function() t[nil] = 1 end,
  function() t[0 / 0] = 1 end,
  function() for i = 1, "x" do end end,
  function() for i = "1", 2 do end end,
  function() for i = 1, 2, {} do end end,
  function() for i = 1, 2, 0 do end end,
  function() for k in 5 do end end,
  function() for k in t do end end,
  function() for k in pairs(nil) do end end,
  function() for k in ipairs() do end end,
  function() string.rep() end,
  function() ("x"):rep({}) end,
  function() ("x"):bad() end,
  function() string.char(-1) end,
  function() setmetatable(1, 2) end,
  function() math.floor("x") end,
  function() math.floor({}) end,
  function() table.concat({ {} }) end,
  function() tostring() end,
  function() ipairs() end,
  function() select(0) end,
  function() tonumber("z", 99) end,
  function() t.field.deep.x.y = 1 end,
  function() local a <const> = nil; a.b = 1 end,
  function() local s = "str"; s.x.y = 1 end,
  function() return t[1][2] end,
  function() local k = "key" return t[k].x end,
  function() return t[up].x end,
  function() return math.nofunction(1) end,
  function() string.format("%d", "x") end,
  function() string.format("%d", 1.5) end,
  function() error("plain") end,
  function() error("level 0", 0) end,
  function() error("level 1", 1) end,
  function() error("level 2", 2) end,
  function() error() end,
  function() error(nil) end,
  function() error(42) end,
  function() error(4.5) end,
  function() error(true) end,
  function() assert(false) end,
  function() assert(nil, "said") end,
  function() assert(false, 42) end,
  function() assert() end,
  function() assert(1 == 2, "unequal") end,
  function() local function f() error("in f", 2) end f() end,
  function() local function f() local function g() error("in g", 3) end g() end f() end,
  function() load("x = ")() end,
  function() return #nil end,
  function() rawset(1, 2, 3) end,
  function() rawlen(5) end,
  function() next({}, "x") end,
  function() getmetatable() end,
  function() collectgarbage("nooption") end,
  function() coroutine.wrap(function() error("inside") end)() end,
  function() utf8.char(-1) end,
  function() table.unpack({}, 1, 1e7) end,
  function() string.rep("x", -1)() end,
  function() t.a.b.c.d = 1 end,
  function() t.f = 5; t.f() end,
  function() (function() local upup = up; return upup.x end)() end,
  function() (t.x or t.y)() end,
  function() (nil)() end,
  function() local a, b = 1; return a .. b end,
  function() local a, b = 1; return a + b end,
  function() return t.x + 1 end,
  function() return t.x .. "s" end,
  function() return up .. "s" end,
  function() local v = {} return v.x.y end,
  function() return _G.nothere.x end,
  function() local _ENV = nil; return x end,
  function() local _ENV = 5; return x end,
  function() return 10 < t end,
  function() local s <close> = 5 end,
}
for i, case in ipairs(cases) do print(i, pcall(case)) end

-- Handlers.
print(xpcall(function() error("boom", 0) end, function(m) return "handled: " .. m, "dropped" end))
print(xpcall(function(...) return select("#", ...), ... end, print, 1, nil, 3))
print(xpcall(function() error("first", 0) end, function() error("second", 0) end))
print(pcall(xpcall))
print(pcall(xpcall, print))
print(xpcall(5, function(m) return "h " .. m end))
print(pcall(pcall))
print(pcall(pcall, error, "x"))
print(pcall(error))
print(select("#", pcall(error)), select("#", pcall(function() end)))
print(pcall(nil))
print(pcall(function() return pcall(function() error("inner", 0) end) end))
print(xpcall(function() local x = nil; x.y = 1 end, function(m) return (m:gsub("^.-:%d+: ", "")) end))
local object = setmetatable({}, { __tostring = function() return "an object" end })
local ok, e = pcall(error, object)
print(ok, e == object, tostring(e))
print(pcall(error, object, 2) == false)
print(assert(1, 2, 3))
print(pcall(assert, nil, object) == false, select(2, pcall(assert, nil, object)) == object)

-- Stack overflow and other ends of recursion.
local function deep() return 1 + deep() end
local ok, message = pcall(deep)
print(ok, message:match("stack overflow") or message)
local function grow(n) local s = ("x"):rep(10) return pcall(grow, n + 1) end
print(type(grow(1)))
local ok, message = pcall(function() local s = setmetatable({}, {}) getmetatable(s).__index = function(t, k) return t[k] end return s.x end)
print(ok, message:match("stack overflow") or message:match("C stack") or message)
print(pcall(string.gsub, "x", "x", function() return {} end))
local ok, message = pcall(load, string.rep("(", 300) .. "1" .. string.rep(")", 300))
print(ok, type(message))

-- Names in messages: globals, methods, fields, upvalues, constants, and through tail calls.
local function raiser() error("raised") end
local function caller() raiser() end
local function tailcaller() return raiser() end
print(pcall(caller))
print(pcall(tailcaller))
globalfunction = function(x) return x.y.z end
print(pcall(globalfunction, {}))
print(pcall(function() globalfunction(5) end))
globalfunction = nil
