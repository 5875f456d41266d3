return pcall(string.match, ('a'):rep(9999), ('a?'):rep(999) .. ('a'):rep(99)), pcall(string.find, ('x'):rep(9999), ('(.-)'):rep(20) .. 'y')
