-- SPDX-License-Identifier: MIT
-- Sizes of pack that add up to more than there is.
-- outcome: ok
-- results: [false, false, false, false, false]
local big = ("c2147483647"):rep(3)
return (pcall(string.packsize, ("c2147483647"):rep(100))), (pcall(string.pack, "c2147483647", "x")), (pcall(string.unpack, big, "x")),
  (pcall(string.pack, "i17", 1)), (pcall(string.pack, "!17i4", 1))
