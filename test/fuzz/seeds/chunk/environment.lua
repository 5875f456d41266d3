local _ENV <const> = setmetatable({}, {__index = _G, __newindex = function(t, k, v) rawset(t, k, v) end})
x = 1 function y() return x end local function z() local _ENV = {x = 2} return x end
return y(), z(), _G.x
