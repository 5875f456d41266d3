-- SPDX-License-Identifier: MIT
-- Code points that are none, places that are none.
-- outcome: ok
-- results: [false, false, false, null, 6]
return (pcall(utf8.char, -1)), (pcall(utf8.char, 1 << 31)), (pcall(utf8.codepoint, "abc", math.maxinteger)),
  utf8.len("\xff"), #utf8.char(0x7fffffff)
