local co = coroutine.wrap(function(a)
  for i = 1, 3 do a = coroutine.yield(a * 2, i) end
  return pcall(error, a)
end)
local t = {co(1), co(2), co(3)}
local c = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() coroutine.yield() end}) coroutine.yield(1) end)
coroutine.resume(c)
return t[1], coroutine.status(c), coroutine.close(c), coroutine.isyieldable(), co(4)
