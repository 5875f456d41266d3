local s = string.pack('>i2 <I4 d z s1 !8 i8 x', -2, 7, 1.5, 'zero', 'len', 1)
local a, b, c, d, e, f, n = string.unpack('>i2 <I4 d z s1 !8 i8 x', s)
return a, b, c, d, e, f, n, string.packsize('i4i8!4i2'), pcall(string.pack, 'i17', 1), pcall(string.unpack, 's4', '\255\255\255\127'), pcall(string.pack, 'I1', 256), pcall(string.packsize, 'c2147483647c2147483647')
