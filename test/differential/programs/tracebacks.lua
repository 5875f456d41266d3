-- SPDX-License-Identifier: MIT
-- debug.traceback and getinfo. What lies outside the chunk differs between hosts: a traceback is cut at the chunk.
local function cut(text)
  return (text:gsub("\n[^\n]*in main chunk.*", "\n\t(chunk)"):gsub("0x%x+", "ADDRESS"))
end
local function show(f, ...)
  local ok, text = xpcall(f, debug.traceback, ...)
  print(ok, cut(tostring(text)))
end

local function level3() error("deep") end
local function level2() level3() end
local function level1() level2() end
show(level1)
show(function() error("anonymous") end)
show(function() error({}) end)
show(function() error(nil) end)
show(function() local x = nil; x.y = 1 end)
show(function() string.rep() end)
show(function() ("x"):rep({}) end)
show(function() table.sort({ 3, 2, 1 }, function() error("in comparison") end) end)
show(function() return level3() end)
local object = {}
function object:method() error("in method") end
function object.field() error("in field") end
show(function() object:method() end)
show(function() object.field() end)
global = function() error("in global") end
show(function() global() end)
show(function() return setmetatable({}, { __add = function() error("in add") end }) + 1 end)
show(function() return setmetatable({}, { __index = function() error("in index") end }).x end)
show(function() for _ in function() error("in iterator") end do end end)
show(function() pcall(error, "swallowed") error("seen") end)
show(function() local x <close> = setmetatable({}, { __close = function() error("in close") end }) end)
show(coroutine.wrap(function() error("in coroutine") end))
show(load("error('in loaded')", "=loaded"))
show(load("local function f() error('in string chunk') end f()", "local function f() error('in string chunk') end f()"))
show(load("\n\nerror('in long named chunk')", string.rep("x", 100)))
show(load("error('multi')", "first line\nsecond line"))
show(load("error('at')", "@" .. string.rep("dir/", 30) .. "file.lua"))

-- Many levels are cut in the middle.
local function recurse(n) if n == 0 then error("bottom") end recurse(n - 1) return 1 end
show(recurse, 5)
for _, depth in ipairs { 18, 19, 20, 21, 22, 30, 100 } do
  local co = coroutine.create(recurse) -- not below the host's own levels
  coroutine.resume(co, depth)
  print(debug.traceback(co))
end

print(cut(debug.traceback("message")))
print(cut(debug.traceback("message", 1)))
print(debug.traceback("message", 100))
print(cut(debug.traceback()))
print(cut(debug.traceback(5)), debug.traceback(true), type(debug.traceback({})), type(debug.traceback(print)))
local co = coroutine.create(function(x) local function inner() coroutine.yield(x) error("after") end inner() end)
print(debug.traceback(co))
coroutine.resume(co, 1)
print(debug.traceback(co))
print(debug.traceback(co, "with message"))
print(debug.traceback(co, "level 1", 1))
print(debug.traceback(co, nil))
coroutine.resume(co)
print(debug.traceback(co))

-- getinfo
local function info(f, what)
  local i = debug.getinfo(f, what)
  local keys = {}
  for k in pairs(i) do keys[#keys + 1] = k end
  table.sort(keys)
  for n, k in ipairs(keys) do
    local v = i[k]
    keys[n] = k .. "=" .. (type(v) == "function" and "function" or type(v) == "table" and "table" or tostring(v))
  end
  return table.concat(keys, " ")
end
local function sample(a, b, ...)
  local x = 1
  return function() return a, b, x end
end
print(info(sample))
print(info(sample(1, 2)))
print(info(print))
print(info(sample, "S"))
print(info(sample, "u"))
print(info(sample, "l"))
print(info(1, "l"))
print(info(1, "S"))
print((function() return info(1, "nt") end)())
local function named() return info(2, "nSl") end
print(named(), 1)
local function tailing() return (info(1, "t")) end
print((function() return tailing() end)())
print(pcall(debug.getinfo, 1, "X"))
print(pcall(debug.getinfo, 1, ">"))
print(pcall(debug.getinfo, "x"))
print(pcall(debug.getinfo))
print(debug.getinfo(1000), pcall(debug.getinfo, -1))
local lines = {}
for line in pairs(debug.getinfo(sample, "L").activelines) do lines[#lines + 1] = line end
table.sort(lines)
print(#lines, lines[1] > 0)
print(debug.getinfo(co, 0, "l") == nil, debug.getinfo(1, "f").func == debug.getinfo(1).func)
print(load("return debug.getinfo(1, 'S').short_src, debug.getinfo(1, 'S').source", "=short")())
print(load("return debug.getinfo(1, 'S').short_src", "return something very long that has to be cut somewhere, since names are short\nsecond")())
print(load("return debug.getinfo(1, 'S').short_src", "@" .. string.rep("p/", 50) .. "f")())
print(load("return debug.getinfo(1, 'S').short_src", "")())
