-- SPDX-License-Identifier: MIT
-- Texts of numbers as long as they may be, and longer: those are none.
-- outcome: ok
-- results: [true, true, true, true, null, null, false]
local nines = ("9"):rep(16000)
return tonumber(nines) == math.huge, tonumber("0." .. nines) == 1.0, tonumber("0x" .. ("f"):rep(16000)) == -1,
  tonumber("1e" .. nines) == math.huge, tonumber(("9"):rep(17000)), tonumber(("9"):rep(17000), 10),
  (pcall(load("return " .. ("9"):rep(17000)) or error))
