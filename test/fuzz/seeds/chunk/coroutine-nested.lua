local function f(n) if n == 0 then coroutine.yield('deep') end return coroutine.wrap(f)(n - 1) end
return pcall(f, 300)
