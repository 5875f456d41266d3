local function f(n) return 1 + f(n + 1) end
local function g() return pcall(g) end
local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end})
return pcall(f, 1), g(), pcall(function() return t[1] end), pcall(string.gsub, 'x', 'x', function() return f(1) end), pcall(string.rep, 'x', -1)
