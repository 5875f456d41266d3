-- SPDX-License-Identifier: MIT
-- Every metamethod, inheritance, proxies, protected metatables.
local function tag(v) return type(v) == "table" and (rawget(v, "tag") or "table") or tostring(v) end
local events = {}
for _, name in ipairs { "add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr", "concat" } do
  events["__" .. name] = function(a, b) return name .. "(" .. tag(a) .. "," .. tag(b) .. ")" end
end
events.__unm = function(a) return "unm(" .. tag(a) .. ")" end
events.__bnot = function(a) return "bnot(" .. tag(a) .. ")" end
events.__len = function(a) return "len(" .. tag(a) .. ")" end
events.__call = function(self, ...) return "call", tag(self), ... end
events.__eq = function(a, b) print("eq", tag(a), tag(b)) return true end
events.__lt = function(a, b) print("lt", tag(a), tag(b)) return nil end
events.__le = function(a, b) print("le", tag(a), tag(b)) return "yes" end
events.__tostring = function(a) return "<" .. a.tag .. ">" end
events.__name = "Thing"
local a, b = setmetatable({ tag = "A" }, events), setmetatable({ tag = "B" }, events)
print(a + b, a + 1, 1 + a, a - b, a * 2, 2 / a, a % 3, 3 ^ a, a // b, a & 1, 1 | a, a ~ b, a << 1, 1 >> a, a .. "x", "x" .. a, 1 .. a, a .. b)
print(-a, ~a, #a, a(1, 2), a == b, a ~= b, a == a, a < b, a <= b, a > b, a >= b, a == 1)
print(pcall(function() return a < 1 end))
print(a < 1, 1 <= a, tostring(a), string.format("%s %10s|", a, a))
print(a .. 1 .. 2, 1 .. 2 .. a, "p" .. "q" .. a .. "r" .. "s")

local log = {}
local proxy = setmetatable({}, {
  __index = function(_, k) log[#log + 1] = "get " .. tostring(k) return k end,
  __newindex = function(t, k, v) log[#log + 1] = "set " .. tostring(k) rawset(t, k, v) end,
})
print(proxy.x, proxy[1], proxy.y)
proxy.x = 5
proxy.x = 6
print(proxy.x, table.concat(log, ", "))

local Base = {}
Base.__index = Base
function Base.new(v) return setmetatable({ v = v }, Base) end
function Base:get() return self.v end
function Base:describe() return "base " .. self:get() end
local Derived = setmetatable({}, { __index = Base })
Derived.__index = Derived
function Derived.new(v) return setmetatable(Base.new(v), Derived) end
function Derived:get() return "derived " .. Base.get(self) end
print(Base.new(1):describe(), Derived.new(2):describe(), getmetatable(Derived.new(3)) == Derived)

local chain = setmetatable({}, { __index = setmetatable({ one = 1 }, { __index = setmetatable({ two = 2 }, { __index = function(_, k) return k .. "?" end }) }) })
print(chain.one, chain.two, chain.three)
local target = {}
local writer = setmetatable({}, { __newindex = target })
writer.a = 1
print(rawget(writer, "a"), target.a)

local locked = setmetatable({}, { __metatable = "locked" })
print(getmetatable(locked), pcall(setmetatable, locked, {}))
print(getmetatable("abc").__index == string, getmetatable(5), getmetatable(nil), pcall(setmetatable, 5, {}))
print(pcall(setmetatable, {}, 5))
print(pcall(setmetatable, {}))
print(getmetatable({}), setmetatable({ 1 }, nil)[1])

-- Loops of __index end as an error.
local loop = {}
setmetatable(loop, { __index = loop })
print(pcall(function() return loop.x end))
local l1, l2 = {}, {}
setmetatable(l1, { __newindex = l2 })
setmetatable(l2, { __newindex = l1 })
print(pcall(function() l1.x = 1 end))

-- Calls through tables, non-functions, chains.
print(pcall(function() local t = setmetatable({}, { __call = 5 }) t() end))
print(setmetatable({}, { __call = setmetatable({}, { __call = function(_, self, x) return type(self), x end }) })(7))
print(pcall(setmetatable({}, { __call = function(_, x) error("called " .. x, 0) end }), "it"))

-- __len, __concat, __eq of different types; results adjusted.
print(#setmetatable({}, { __len = function() return 1.5 end }), setmetatable({}, { __eq = function() return true end }) == {}, setmetatable({}, { __lt = function() return 1, 2 end }) < {})
print(rawlen(setmetatable({ 1, 2 }, { __len = function() return 10 end })), rawequal(a, b), rawget(chain, "one"))
print(pcall(tostring, setmetatable({}, { __tostring = function() return 5 end })))
print(pcall(tostring, setmetatable({}, { __tostring = function() error("bad", 0) end })))
print((tostring(setmetatable({}, { __name = "My type" })):gsub("0x%x+", "ADDRESS")))
print(pcall(function() return setmetatable({}, { __name = "My type" }) + 1 end))
print(pcall(function() return #setmetatable({}, { __name = "My type" }) < setmetatable({}, { __name = "Other" }) end))
print(pcall(string.rep, setmetatable({}, { __name = "My type" })))
print(pcall(ipairs))
print(pcall(function() for _ in pairs(setmetatable({}, { __pairs = function() return 1 end })) do end end))

-- Metamethods may yield and fail.
local yielding = setmetatable({}, { __add = function(x, y) return coroutine.yield("add") end, __index = function(_, k) return coroutine.yield(k) end, __lt = function() return coroutine.yield("lt") end })
local co = coroutine.wrap(function() return yielding + 1, yielding.key, yielding < yielding, not (yielding < yielding) end)
print(co(), co("sum"), co("value"), co(1), co(nil))
print(pcall(function() return setmetatable({}, { __index = function(_, k) error("no " .. k, 0) end }).field end))

-- The order in which a sort asks is Lua's own.
local asked = {}
local function compare(x, y) asked[#asked + 1] = x.n .. y.n return x.n < y.n end
local items = {}
for i, n in ipairs { 5, 2, 8, 1, 9, 3 } do items[i] = setmetatable({ n = n }, { __lt = compare }) end
table.sort(items)
for i, item in ipairs(items) do items[i] = item.n end
print(table.concat(items, " "), table.concat(asked, " "))
