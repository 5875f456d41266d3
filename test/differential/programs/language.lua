-- SPDX-License-Identifier: MIT
-- Statements and expressions: goto, closures, varargs, multiple results, scopes, attributes, evaluation order.
do
  local i = 1
  ::top::
  if i <= 3 then
    print("goto", i)
    i = i + 1
    goto top
  end
  for a = 1, 3 do
    for b = 1, 3 do
      if b == 2 then goto continue end
      print(a, b)
      ::continue::
    end
  end
end

-- Every iteration has variables of its own.
local closures = {}
for i = 1, 3 do closures[i] = function() i = i + 10 return i end end
print(closures[1](), closures[1](), closures[2](), closures[3]())
local function counter()
  local n = 0
  return function() n = n + 1 return n end, function() return n end
end
local up, look = counter()
print(up(), up(), look(), counter()())
local shared = {}
do
  local x = 1
  shared.get = function() return x end
  shared.set = function(v) x = v end
end
shared.set(99)
print(shared.get())

-- Varargs and adjustment.
local function pass(...) return ... end
local function count(...) return select("#", ...) end
print(count(), count(nil), count(nil, nil), count(pass()), count(pass(1, nil)), count((pass(1, 2))), count(pass(1, 2), pass(3, 4)))
print((pass(1, 2, 3)), pass(1, 2, 3))
print(#{ pass(1, 2, 3) }, #{ pass(1, 2, 3), 9 }, #{ (pass(1, 2, 3)) })
local a, b, c, d = pass(1, 2)
print(a, b, c, d)
local function tail(n, ...) if n == 0 then return ... end return tail(n - 1, n, ...) end
print(tail(5, "end"))
print(count(tail(200)))
print((function(...) local x, y = ... return y, x end)(1, 2, 3))
print(select("#", table.unpack({}, 1, 250)))

-- Evaluation and assignment.
local t = {}
local i = 1
i, t[i] = i + 1, 20
print(i, t[1], t[2])
local x, y = 1, 2
x, y = y, x
print(x, y)
local log = {}
local function note(v) log[#log + 1] = tostring(v) return v end
print(note(1) + note(2) * note(3), note(false) and note(4), note(nil) or note(5), note(6) and note(7) or note(8))
print(table.concat(log, " "))
print(1 and 2, nil and 1, false or nil, nil or false, not nil, not 0, 1 == 1 and "yes" or "no", false == nil)
print(2 ^ 3 ^ 2, -2 ^ 2, not 1 == 2, 1 .. 2 .. 3, "a" .. "b" == "ab", 1 + 2 < 4, 2 * 3 % 4, 7 // 2 * 2, 1 << 2 + 1, 5 & 3 | 8 ~ 1, ~5 & 0xf, #"abc" + 1, -3 % 5, (-3) % 5)

-- Loops.
local n = 0
while true do n = n + 1 if n > 5 then break end end
repeat local done = n > 8 n = n + 1 until done
print(n)
for k = 10, 1, -3 do io_k = k end
print(io_k)
for _, v in ipairs { "a", "b" } do local v = v .. v print(v) end
for k, v, extra in (function() return function(s, c) if c < s then return c + 1, c * c end end, 3, 0 end)() do print(k, v, extra) end

-- Attributes.
do
  local constant <const> = 42
  local closed = {}
  local function closable(name)
    return setmetatable({}, { __close = function(_, e) closed[#closed + 1] = name .. ":" .. tostring(e) end })
  end
  do
    local one <close> = closable("one")
    local two <close> = closable("two")
    local none <close> = nil
    local off <close> = false
  end
  print(constant, table.concat(closed, " "))
  closed = {}
  print(pcall(function() local three <close> = closable("three") error("oops", 0) end))
  print(table.concat(closed, " "))
  closed = {}
  local function early() local four <close> = closable("four") return "value", 2 end
  print(early(), table.concat(closed, " "))
  closed = {}
  for j = 1, 2 do local five <close> = closable("five" .. j) if j == 2 then break end end
  print(table.concat(closed, " "))
  print(pcall(function() local bad <close> = {} end))
  print(pcall(function() local bad <close> = 42 end))
  print(pcall(function()
    local first <close> = setmetatable({}, { __close = function(_, e) error("second after " .. tostring(e), 0) end })
    error("first", 0)
  end))
  for k in (function() return function(_, c) if not c then return 1 end end, nil, nil, closable("iterator") end)() do print("body", k) end
  print(closed[#closed])
  local co = coroutine.wrap(function() local six <close> = closable("six") coroutine.yield(1) end)
  co()
  co()
  print(closed[#closed])
end

-- Methods, environments, long things.
local object = { name = "o" }
function object:greet(other) return self.name .. " greets " .. other end
function object.plain(v) return v end
object.sub = { deep = {} }
function object.sub.deep:method() return self == object.sub.deep end
print(object:greet("x"), object.plain(3), object.sub.deep:method(), ("abc"):upper())
do
  local _ENV <const> = { print = print, tostring = tostring }
  undefined = 5
  print(undefined, tostring(string))
end
local f = load("x = 1; return x, y", "=env", "t", { y = 2 })
print(f())
local function nested() local function inner() return (function() return debug and "deep" end)() end return inner() end
print(nested())
local parts = {}
for k = 1, 300 do parts[k] = "v" .. k .. " = " .. k end
local record = load("return {" .. table.concat(parts, ", ") .. "}")()
print(record.v1, record.v150, record.v300)
local sum = load("return " .. string.rep("1 + ", 500) .. "1")()
print(sum, load("return " .. string.rep("(", 30) .. "7" .. string.rep(")", 30))())
local big = {}
for k = 1, 200 do big[k] = "local a" .. k .. " = " .. k end
print(load(table.concat(big, "\n") .. "\nreturn a1 + a200")())
print(load("local a <const> = 5; return function() return a end")()())
print(_VERSION, _G == _ENV, _G._G == _G, type(_G.print))
-- Integer and float keys, string keys, negative zero.
local keys = { [1] = "a", [1.5] = "b", ["1"] = "c", [true] = "d", [-0.0] = "e" }
print(keys[1], keys[1.0], keys[1.5], keys["1"], keys[true], keys[0], keys[-0])
-- Strings as keys are compared by content, long ones too.
local long = string.rep("k", 100)
print(({ [long] = "found" })[string.rep("k", 50) .. string.rep("k", 50)])
-- Recursion.
local function fib(m) return m < 2 and m or fib(m - 1) + fib(m - 2) end
local function ackermann(m, p) if m == 0 then return p + 1 elseif p == 0 then return ackermann(m - 1, 1) else return ackermann(m - 1, ackermann(m, p - 1)) end end
print(fib(20), ackermann(2, 5))
-- A sieve, a matrix, a string builder: small whole programs.
local sieve, primes = {}, {}
for p = 2, 1000 do
  if not sieve[p] then
    primes[#primes + 1] = p
    for q = p * p, 1000, p do sieve[q] = true end
  end
end
print(#primes, primes[#primes])
local function multiply(p, q)
  local r = {}
  for row = 1, #p do
    r[row] = {}
    for column = 1, #q[1] do
      local s = 0
      for k = 1, #q do s = s + p[row][k] * q[k][column] end
      r[row][column] = s
    end
  end
  return r
end
local m = multiply({ { 1, 2 }, { 3, 4 } }, { { 0.5, 1 }, { 2, -1 } })
print(m[1][1], m[1][2], m[2][1], m[2][2])
local e, term = 0.0, 1.0
for k = 1, 30 do e = e + term term = term / k end
print(string.format("%.17g", e))
local pi = 0.0
for k = 0, 9999 do pi = pi + (k % 2 == 0 and 4 or -4) / (2 * k + 1) end
print(string.format("%.17g %a", pi, pi))
