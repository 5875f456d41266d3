for i = 1, 20 do setmetatable({}, {__gc = function(o) x = o setmetatable(o, getmetatable(o)) end}) end
collectgarbage() collectgarbage('step', 10) collectgarbage('generational') collectgarbage('incremental', 100, 200, 5)
setmetatable({}, {__gc = function() while true do end end}) collectgarbage()
return collectgarbage('count')
