local f = load('local a, b = ... return a + b, _ENV', 'n', 't', {}) local n = 0
return f(1, 2), load(function() n = n + 1 return ({'return ', '1', nil})[n] end)(), load('x ='), load('\27Lua'), load('return ...', '=name', 'b'), pcall(load, 'x', 'y', 'z'), load(('('):rep(300)), load('goto x'), load('::a:: ::a::'), load('local x <foo>'), load('break'), load('for i = 1 do end')
