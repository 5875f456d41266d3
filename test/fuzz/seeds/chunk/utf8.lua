local s = utf8.char(72, 228, 8364, 0x10FFFF, 0x7FFFFFFF)
for p, c in utf8.codes('h\u{e4}') do print(p, c) end
return #s, utf8.len(s, 1, -1, true), utf8.codepoint(s, 1, 3), utf8.offset(s, 3), utf8.len('\xff'), pcall(utf8.codepoint, '\xed\xa0\x80'), pcall(utf8.char, -1), utf8.charpattern
