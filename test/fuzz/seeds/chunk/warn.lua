warn('@on') warn('a', 'b') warn('@off') print(print == print, ('x'):rep(300)) print(setmetatable({}, {__name = 'N'})) return tostring(print):len()
