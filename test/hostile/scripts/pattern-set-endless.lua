-- SPDX-License-Identifier: MIT
-- Sets of patterns that are as long as memory allows, with an end and without one.
-- outcome: ok
-- results: ["malformed pattern (missing ']')", "malformed pattern (missing ']')", null, 1]
local open = ("["):rep(6 << 20)
local _, plain = pcall(string.find, "x", open)
local _, escaped = pcall(string.find, "x", ("[%]"):rep(1 << 20))
open = nil
collectgarbage()
local set = "[" .. ("y"):rep(3 << 20) .. "]"
return plain, escaped, (("x"):find(set)), (("x"):find("^" .. set:gsub("^%[y", "[x", 1)))
