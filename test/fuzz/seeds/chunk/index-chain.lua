local t = {} for i = 1, 2100 do t = setmetatable({}, {__index = t, __newindex = t}) end return pcall(function() t.x = 1 return t.y end)
