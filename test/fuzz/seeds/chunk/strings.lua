local s = 'h\u{e9}llo\x00\065\z  w'
return #s, s:rep(3, '-'), s:sub(-3, -1), s:reverse(), s:byte(1, -1), string.char(0, 255), s:upper(), s < 'i', 'a' .. 1 .. 2.0, ('x'):rep(0), [==[
long ]] string]==], pcall(string.rep, 'x', 1 << 40), ('x'):rep(1 << 22), pcall(string.char, 256)
