local t = {} for i = 1, 60 do t[i] = (i * 37) % 61 end
table.sort(t) table.sort(t, function(a, b) return a > b end)
return t[1], pcall(table.sort, {3, 2, 1, 5, 4, 7}, function() return true end), pcall(table.sort, {1, 'x'}), pcall(table.sort, setmetatable({}, {__len = function() return 1 << 40 end}))
