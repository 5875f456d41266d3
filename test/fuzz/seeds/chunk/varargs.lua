local function f(...) local a, b = ... return select('#', ...), {...}, (...), table.pack(...).n end
return f(), f(nil), f(1, nil, nil), f(table.unpack({}, 1, 200)), (f(1, 2, 3)), #{f(1), f(2)}, pcall(f, table.unpack({}, 1, 250))
