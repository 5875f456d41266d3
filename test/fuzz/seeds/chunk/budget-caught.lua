local co = coroutine.wrap(function() pcall(function() while true do end end) end)
pcall(pcall, pcall, co) pcall(function() while true do end end)
xpcall(function() for i = 1, 1e9 do end end, function() while true do end end)
local x <close> = setmetatable({}, {__close = function() while true do end end})
repeat local ok = pcall(string.rep, 'x', 1 << 26) until false
