for k, v, x, c in pairs({1}), nil, setmetatable({}, {__close = print}) do break end
for i = 10, 1, -3 do if i == 4 then goto out end end ::out::
local n = 0 repeat local m <close> = nil n = n + 1 until n > 3
return n
