-- SPDX-License-Identifier: MIT
-- Places outside of the text.
-- outcome: ok
-- results: [false, false, false, false]
return (pcall(string.unpack, "i4", "abcd", 2)), (pcall(string.unpack, "i4", "abcd", math.maxinteger)),
  (pcall(string.unpack, "s8", ("\255"):rep(8))), (pcall(string.unpack, "z", "abc"))
