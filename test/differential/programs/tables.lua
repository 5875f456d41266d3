-- SPDX-License-Identifier: MIT
-- The library table, constructors, length, next, ipairs.
-- Debian's lua5.4 is 5.4.4, which blames another argument when table.remove is given a bad position: only "out of
-- bounds" is compared there.
local function list(t, n)
  local out = {}
  for i = 1, n or #t do out[i] = tostring(t[i]) end
  return "{" .. table.concat(out, " ") .. "}"
end

print(table.concat({}), table.concat({ 1, 2.5, "x" }), table.concat({ 1, 2, 3 }, ", "), table.concat({ 1, 2, 3 }, ", ", 2), table.concat({ 1, 2, 3 }, ", ", 2, 3), table.concat({ 1, 2, 3 }, ",", 3, 2))
print(pcall(table.concat, { 1, {}, 3 }))
print(pcall(table.concat, { 1, nil, 3 }, ",", 1, 3))
print(pcall(table.concat, { 1, 2 }, 1, 2))
print(pcall(table.concat, 1))
print(pcall(table.concat, {}, "x", math.maxinteger, math.maxinteger))
print(table.concat(setmetatable({}, { __len = function() return 3 end, __index = function(_, i) return "v" .. i end }), "-"))

local t = {}
table.insert(t, "a")
table.insert(t, 1, "b")
table.insert(t, 2, "c")
table.insert(t, #t + 1, "d")
print(list(t))
print(pcall(table.insert, t, 10, "x"))
print(pcall(table.insert, t, 0, "x"))
print(pcall(table.insert, t))
print(pcall(table.insert, t, 1, 2, 3))
print(pcall(table.insert, nil, 1))
print(pcall(table.insert, t, "x", 1))
print(table.remove(t), table.remove(t, 1), list(t), table.remove(t, #t + 1), table.remove({}), table.remove({}, 0), list(t))
print(select(2, pcall(table.remove, t, 7)):match("%(.*"))
print(select(2, pcall(table.remove, { 1, 2, 3 }, -1)):match("%(.*"))
print(table.remove({ n = 1 }, 0), table.remove({ [0] = "zero" }, 0))

print(list(table.move({ 1, 2, 3, 4, 5 }, 2, 4, 1)), list(table.move({ 1, 2, 3 }, 1, 3, 3)), list(table.move({ 1, 2, 3 }, 1, 3, 1, {})), list(table.move({ 1, 2, 3 }, 2, 1, 5)))
print(pcall(table.move, { 1 }, 1, math.maxinteger, 2))
print(pcall(table.move, { 1 }, math.mininteger, 0, 2))
print(pcall(table.move, { 1 }, 1, 2))
print(pcall(table.move, 1, 1, 2, 3))
print(list(table.move(setmetatable({}, { __index = function(_, k) return k * 10 end }), 1, 3, 1, {}), 3))

print(table.unpack({ 1, 2, 3 }))
print(table.unpack({ 1, 2, 3 }, 2))
print(table.unpack({ 1, 2, 3 }, 2, 5))
print(table.unpack({ 1, 2, 3 }, -1, 1))
print(select("#", table.unpack({}, 1, 100)), select("#", table.unpack({}, 1, 0)))
print(pcall(table.unpack, {}, 1, 1e8))
print(pcall(table.unpack, {}, math.mininteger, math.maxinteger))
print(pcall(table.unpack))
local packed = table.pack(nil, 2, nil)
print(packed.n, packed[1], packed[2], packed[3], table.pack().n)

-- Sorting: many shapes, each checked; the order of equal elements is Lua's own affair and deterministic.
local state = 42
local function random(n)
  state = (state * 6364136223846793005 + 1442695040888963407)
  return (state >> 33) % n
end
for _, size in ipairs { 0, 1, 2, 3, 5, 10, 50, 99, 100, 101, 150, 500, 1000 } do
  for _, shape in ipairs { "random", "few", "up", "down", "same", "floats", "strings" } do
    local a = {}
    for i = 1, size do
      if shape == "random" then a[i] = random(1000000)
      elseif shape == "few" then a[i] = random(5)
      elseif shape == "up" then a[i] = i
      elseif shape == "down" then a[i] = -i
      elseif shape == "same" then a[i] = 7
      elseif shape == "floats" then a[i] = random(1000) / 8
      else a[i] = string.char(97 + random(26), 97 + random(26)) end
    end
    local compares = 0
    if shape == "few" then table.sort(a, function(x, y) compares = compares + 1 return x > y end)
    else table.sort(a) end
    for i = 2, size do
      if shape == "few" then assert(a[i - 1] >= a[i]) else assert(a[i - 1] <= a[i]) end
    end
    print(size, shape, compares > 0, list(a, math.min(size, 12)))
  end
end
print(pcall(table.sort, { 3, "x", 1 }))
print(pcall(table.sort, { 1, 2, 3 }, function() error("stop", 0) end))
print(pcall(table.sort, { {}, {} }))
print(pcall(table.sort, { 1, 2, 3 }, 5))
print(pcall(table.sort, { 1, 2, nil, 4 }))
print((pcall(table.sort, { 5, 3, 8, 1, 9, 2, 7 }, function() return true end)))
print(pcall(table.sort, setmetatable({}, { __len = function() return math.maxinteger end })))

-- Length, next, constructors.
print(#{}, #{ 1, 2, 3 }, #{ 1, nil, 3 }, #{ n = 1 }, #{ nil }, #{ nil, 2 }, #{ (function() return 1, 2, 3 end)() }, #{ (function() return 1, 2, 3 end)(), 10 }, #{ ((function() return 1, 2, 3 end)()) })
print(next({}), next({ 10 }), next({ 10 }, 1), rawlen({ 1, 2 }), rawlen("abc"), rawequal("a", "a"), rawequal({}, {}), rawget({ 5 }, 1), rawget({}, 1))
print(pcall(next, {}, "nokey"))
print(pcall(next))
print(pcall(rawlen, 5))
print(pcall(rawset, {}, nil, 1))
print(pcall(rawset, {}, 0 / 0, 1))
print(pcall(function() local t = {} t[nil] = 1 end))
print(pcall(function() local t = {} t[0 / 0] = 1 end))
print(({})[nil], ({})[0 / 0], ({ [1] = "a" })[1.0], ({ [1.0] = "b" })[1], ({ [2 ^ 53] = "c" })[2 ^ 53 | 0])
local keys = {}
for i = 1, 100 do keys[i * 1.0] = i end
local n = 0
for k in pairs(keys) do assert(math.type(k) == "integer") n = n + 1 end
print(n, #keys)
for i, v in ipairs({ 1, 2, nil, 4 }) do print(i, v) end
for i, v in ipairs(setmetatable({}, { __index = function(_, i) if i < 4 then return i * i end end })) do print(i, v) end
print(pcall(ipairs))
print(select("#", ipairs(nil)), select(2, ipairs({})) ~= nil, select(3, ipairs({})))
for k, v in pairs(setmetatable({}, { __pairs = function(t) return function(_, k) if not k then return 1, "one" end end, t, nil end })) do print(k, v) end
local sum = 0
local big = {}
for i = 1, 5000 do big[i] = i end
for i = 1, 5000, 3 do big[i] = nil end
for _, v in pairs(big) do sum = sum + v end
print(sum)
for k in pairs(big) do big[k] = nil end
print(next(big))
print(select(-1, 1, 2, 3), select(2, "a", "b", "c"), select("#"), select("#", nil, nil))
print(pcall(select, 0))
print(pcall(select, -5, 1))
print(pcall(select, {}))
