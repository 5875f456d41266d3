-- SPDX-License-Identifier: MIT
-- Strings: built from pieces, searched by patterns, replaced, cut up and formatted.
local words = {}
for i = 1, 20000 do
  words[#words + 1] = ("item%d=%s"):format(i, ("%x"):format(i * 2654435761 % 4294967296))
end
local text = table.concat(words, "; ")
for _ = 1, 15 do
  local digits = 0
  local swapped, found = text:gsub("(%w+)=(%x+)", function(name, value)
    digits = digits + #value
    return value .. "=" .. name
  end)
  assert(found == 20000 and #swapped == #text)
  assert(select(2, text:gsub("%d+", "%0")) > 20000)
  local items = 0
  for name in text:gmatch("item(%d+)=") do items = items + #name end
  assert(items == 88894)
  local line = ""
  for i = 1, 2000 do line = line .. i .. "," end
  assert(#line == 8893)
end
