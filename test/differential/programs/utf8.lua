-- SPDX-License-Identifier: MIT
-- The library utf8: good text, bad text, every border.
-- Debian's lua5.4 is 5.4.4, whose utf8.codes lets a continuation byte at the very start pass: that is left out.
local texts = {
  "", "abc", "äöü", "€uro", "𝄞 clef", "日本語", "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}", "\u{7FFFFFFF}", "a\0b", "\xff", "\x80", "\xc0\x80", "\xc3", "ab\xc3", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80",
  "\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80", "\xfe", "x\xe2\x28\xa1y", "\xf0\x80\x80\x80", "é\xffé",
}
for _, s in ipairs(texts) do
  local name = s:gsub("[^ -~]", function(c) return string.format("\\x%02x", c:byte()) end)
  for _, lax in ipairs { false, true } do
    print(name, lax, pcall(utf8.len, s, 1, -1, lax))
    print(name, lax, pcall(utf8.codepoint, s, 1, -1, lax))
    print(name, lax, not s:find("^[\x80-\xbf]") and pcall(function()
      local out = {}
      for p, c in utf8.codes(s, lax) do out[#out + 1] = p .. ":" .. c end
      return table.concat(out, " ")
    end))
  end
  for i = -4, 5 do
    for n = -4, 4 do print(i, n, pcall(utf8.offset, s, n, i)) end
    print(i, pcall(utf8.offset, s, 1), pcall(utf8.len, s, i))
    print(i, pcall(utf8.codepoint, s, i))
    print(pcall(utf8.len, s, 1, i))
  end
end
for _, c in ipairs { 0, 65, 0x7f, 0x80, 0x7ff, 0x800, 0xd800, 0xffff, 0x10000, 0x10ffff, 0x110000, 0x1fffff, 0x200000, 0x3ffffff, 0x4000000, 0x7fffffff } do
  print(c, utf8.char(c):byte(1, -1))
end
print(pcall(utf8.char, -1))
print(pcall(utf8.char, 0x80000000))
print(pcall(utf8.char, "x"))
print(utf8.char(), utf8.char(72, 228, 8364, 0x1d11e), #utf8.charpattern, utf8.charpattern:byte(1, -1))
for c in ("aä€𝄞"):gmatch(utf8.charpattern) do print(#c, c) end
print(pcall(utf8.codes))
print((pcall(utf8.codes, 5)))
print(pcall(utf8.len))
print(pcall(utf8.len, "abc", 5))
print(pcall(utf8.len, "abc", 4), pcall(utf8.len, "abc", 1, 4))
print(pcall(utf8.codepoint, "abc", 1, 4))
print(pcall(utf8.codepoint, "abc", 4))
print(pcall(utf8.codepoint, "abc", 3, 2))
print(pcall(utf8.offset, "abc", 1, 5))
print(pcall(utf8.offset, "aä", 1, 3))
print(pcall(utf8.offset, "abc", 0, 2), utf8.offset("aä", 0, 3))
