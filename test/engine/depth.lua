-- SPDX-License-Identifier: MIT
-- How deep each kind of nesting goes before "C stack overflow": run it in a state, or with
--   build/engine/lunatik-lua -k BYTES test/engine/depth.lua
local function deepest(make)
  for n = 1, 250 do
    local ok, err = make(n)
    if not ok then return n - 1, err end
  end
  return 250
end
print("parens", deepest(function(n) return load("return " .. ("("):rep(n) .. "1" .. (")"):rep(n)) end))
print("functions", deepest(function(n) return load(("return function() "):rep(n) .. ("end "):rep(n)) end))
print("local functions", deepest(function(n) return load(("local f = function() "):rep(n) .. ("end "):rep(n)) end))
print("calls in source", deepest(function(n) return load("return " .. ("f("):rep(n) .. (")"):rep(n)) end))
print("tables", deepest(function(n) return load("return " .. ("{"):rep(n) .. ("}"):rep(n)) end))
print("named fields", deepest(function(n) return load("return " .. ("{a="):rep(n) .. "1" .. ("}"):rep(n)) end))
print("ifs", deepest(function(n) return load(("if x then "):rep(n) .. ("end "):rep(n)) end))
print("whiles", deepest(function(n) return load(("while x do "):rep(n) .. ("end "):rep(n)) end))
print("fors", deepest(function(n) return load(("for i=1,2 do "):rep(n) .. ("end "):rep(n)) end))
print("concat", deepest(function(n) return load("return " .. ("a.."):rep(n) .. "1") end))
local function nest(f) return function(n) local ok, e = pcall(f, n) return ok, e end end
local function pc(n) if n == 0 then return true end local ok, e = pcall(pc, n - 1) if not ok then error(e, 0) end return true end
print("pcall", deepest(nest(pc)))
local function xp(n) if n == 0 then return true end local ok, e = xpcall(xp, function(m) return m end, n - 1) if not ok then error(e, 0) end return true end
print("xpcall", deepest(nest(xp)))
local mt = {} mt.__index = function(t, k) if k == 0 then return true end return setmetatable({}, mt)[k - 1] end
print("__index", deepest(nest(function(n) return setmetatable({}, mt)[n] end)))
mt.__add = function(a, n) if n == 0 then return a end return setmetatable({}, mt) + (n - 1) end
print("__add", deepest(nest(function(n) return setmetatable({}, mt) + n end)))
mt.__newindex = function(t, k, v) if k == 0 then return end setmetatable({}, mt)[k - 1] = v end
print("__newindex", deepest(nest(function(n) setmetatable({}, mt)[n] = 1 end)))
mt.__lt = function(a, n) if n == 0 then return true end return setmetatable({}, mt) < (n - 1) end
print("__lt", deepest(nest(function(n) return setmetatable({}, mt) < n end)))
mt.__concat = function(a, n) if n == 0 then return "" end return setmetatable({}, mt) .. (n - 1) end
print("__concat", deepest(nest(function(n) return setmetatable({}, mt) .. n end)))
local d mt.__tostring = function() if d == 0 then return "" end d = d - 1 return tostring(setmetatable({}, mt)) end
print("__tostring", deepest(nest(function(n) d = n return tostring(setmetatable({}, mt)) end)))
local function co(n) if n == 0 then return true end return coroutine.wrap(co)(n - 1) end
print("coroutines", deepest(nest(co)))
local function gs(n) if n == 0 then return "" end return (("x"):gsub("x", function() return gs(n - 1) end)) end
print("gsub", deepest(nest(gs)))
local function so(n) if n == 0 then return "" end table.sort({1, 2, 3}, function(a, b) so(n - 1) return a < b end) end
print("sort", deepest(function(n) if n > 12 then return false, "stopped" end return nest(so)(n) end))
local function ld(n) if n == 0 then return 1 end return assert(load(function() ld(n - 1) return nil end)) end
print("load", deepest(nest(ld)))
print("pattern", deepest(function(n) return pcall(string.match, ("a"):rep(n), (".?"):rep(n)) end))
