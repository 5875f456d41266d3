-- SPDX-License-Identifier: MIT
-- The library coroutine: passing values, states, errors, wrap, close, yields across pcall and iterators.
local co = coroutine.create(function(a, b)
  print("start", a, b)
  local c = coroutine.yield(a + b)
  print("got", c)
  local d, e = coroutine.yield(c * 2)
  print("got", d, e)
  return "done", 99
end)
print(coroutine.status(co), coroutine.resume(co, 1, 2))
print(coroutine.status(co), coroutine.resume(co, 10))
print(coroutine.resume(co, "x", "y"))
print(coroutine.status(co), coroutine.resume(co))
print(coroutine.isyieldable(), coroutine.wrap(function() return coroutine.isyieldable() end)())
local main, is_main = coroutine.running()
print(type(main), is_main, coroutine.status(main))
print(coroutine.wrap(function() local c, m = coroutine.running() return type(c), m, coroutine.status(c) end)())

print(coroutine.resume(coroutine.create(function() error("text") end)))
print(coroutine.resume(coroutine.create(function() error({ code = 5 }) end)) == false, select(2, coroutine.resume(coroutine.create(function() error({ code = 5 }) end))).code)
print(coroutine.resume(coroutine.create(function() error() end)))
print(coroutine.resume(coroutine.create(function() local x = nil; x() end)))
print(pcall(coroutine.wrap(function() error("wrapped") end)))
print(pcall(coroutine.wrap(function() error("level 0", 0) end)))
local dead = coroutine.wrap(function() return 1 end)
print(dead(), pcall(dead))
print(pcall(coroutine.create))
print(pcall(coroutine.create, 5))
print(pcall(coroutine.resume, 5))
print(pcall(coroutine.status, nil))
print(pcall(coroutine.wrap, {}))
local self
self = coroutine.create(function() return coroutine.resume(self) end)
print(coroutine.resume(self))
self = coroutine.wrap(function() return self() end)
print(pcall(self))
print(coroutine.resume(coroutine.running()))
local outer
outer = coroutine.create(function()
  local inner = coroutine.create(function() return coroutine.status(outer) end)
  return coroutine.resume(inner)
end)
print(coroutine.resume(outer))

-- Across pcall, metamethods, iterators, sort.
local function steps(f)
  local c = coroutine.create(f)
  local out = {}
  local value
  repeat
    local r = table.pack(coroutine.resume(c, value))
    for i = 1, r.n do out[#out + 1] = tostring(r[i]) end
    value = #out
  until coroutine.status(c) == "dead"
  return table.concat(out, " ")
end
print(steps(function() return pcall(function() local x = coroutine.yield("in pcall") error("after " .. x, 0) end) end))
print(steps(function() return xpcall(function() coroutine.yield("x") error("e", 0) end, function(m) return "handled " .. m end) end))
print(steps(function() for i in (function() return coroutine.yield("iterator") end) do if i > 3 then return i end end end))
print(steps(function() return pcall(pcall, pcall, function() coroutine.yield(1) error("deep", 0) end) end))
print(steps(function() table.sort({ 3, 2, 1 }, function(a, b) coroutine.yield() return a < b end) end))
print(steps(function() return (("abc"):gsub(".", function() coroutine.yield() end)) end))
print(steps(function() return load(function() coroutine.yield() end) end))
print(steps(function() return select("#", coroutine.yield(), coroutine.yield()) end))

-- Generators.
local function range(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local sum = 0
for i in range(1000) do sum = sum + i end
print(sum)
local function permutations(list, n)
  n = n or #list
  if n <= 1 then coroutine.yield(table.concat(list)) return end
  for i = 1, n do
    list[n], list[i] = list[i], list[n]
    permutations(list, n - 1)
    list[n], list[i] = list[i], list[n]
  end
end
local all = {}
for p in coroutine.wrap(function() permutations { "a", "b", "c", "d" } end) do all[#all + 1] = p end
print(#all, table.concat(all, " "))
local function producer() return coroutine.create(function() for _, v in ipairs { "x", "y", "z" } do coroutine.yield(v) end return nil end) end
local function filter(p) return coroutine.create(function() while true do local _, v = coroutine.resume(p) if not v then return nil end coroutine.yield(v .. v) end end) end
local f = filter(producer())
while true do
  local _, v = coroutine.resume(f)
  if not v then break end
  print(v)
end

-- close
print(coroutine.close(coroutine.create(print)))
local c = coroutine.create(function() local x <close> = setmetatable({}, { __close = function(_, e) print("closing", e) end }) coroutine.yield() end)
coroutine.resume(c)
print(coroutine.close(c), coroutine.status(c), coroutine.close(c))
c = coroutine.create(function() local x <close> = setmetatable({}, { __close = function() error("in close", 0) end }) coroutine.yield() end)
coroutine.resume(c)
print(coroutine.close(c))
c = coroutine.create(function() error("failed", 0) end)
coroutine.resume(c)
print(coroutine.close(c), coroutine.status(c))
print(pcall(coroutine.close, coroutine.running()))
print(pcall(coroutine.close, 5))

-- Many, deep, and much data.
local pool = {}
for i = 1, 500 do pool[i] = coroutine.wrap(function() local n = i while true do n = n + coroutine.yield(n) end end) pool[i]() end
local total = 0
for round = 1, 3 do for i = 1, 500 do total = total + pool[i](round) end end
print(total)
local function nest(n) if n == 0 then return "bottom" end return coroutine.wrap(function() return nest(n - 1) end)() end
print(nest(10))
print(select("#", coroutine.resume(coroutine.create(function(...) return ... end), table.unpack({}, 1, 200))))
print(coroutine.wrap(function(...) return select("#", ...), coroutine.yield(...) end)(1, 2, nil))
print(pcall(coroutine.yield, 1))
