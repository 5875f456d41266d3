local mt = {} mt.__index = function(t, k) return k .. '!' end mt.__newindex = rawset mt.__call = function(_, ...) return ... end
mt.__add = function(a, b) return 1 end mt.__concat = mt.__add mt.__eq = function() return true end mt.__lt = mt.__eq mt.__le = mt.__eq mt.__len = mt.__add mt.__unm = mt.__add mt.__bnot = mt.__add mt.__shl = mt.__add mt.__name = 'T' mt.__tostring = function() return 'o' end
mt.__pairs = function(t) return next, {1, 2}, nil end mt.__metatable = 'no'
local a, b = setmetatable({}, mt), setmetatable({}, mt)
a.x = 1 for k in pairs(a) do y = k end
return a.x, a.z, a(3), a + 1, 1 .. a, a == b, a < b, a <= b, #a, -a, ~a, a << 1, tostring(a), getmetatable(a), pcall(setmetatable, a, {})
