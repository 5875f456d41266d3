-- SPDX-License-Identifier: MIT
-- Bases and digits that are none.
-- outcome: ok
-- results: [null, null, false, false, null, -1]
return tonumber("z", 35), tonumber("", 10), (pcall(tonumber, "1", 1)), (pcall(tonumber, "1", 37)),
  tonumber("1" .. ("0"):rep(1000) .. "x", 36) and tonumber("-", 36), tonumber(("f"):rep(16), 16)
