-- SPDX-License-Identifier: MIT
-- Formats of string.pack and string.format that are a number of a million digits, or a million flags.
-- outcome: ok
-- results: [1, "invalid format (too long)", "invalid format (too long)"]
local zeros = ("0"):rep(1 << 20)
local _, flags = pcall(string.format, "%" .. ("-"):rep(1 << 20) .. "d", 1)
local _, width = pcall(string.format, "%" .. zeros .. "1d", 1)
return string.packsize("i" .. zeros .. "1"), flags, width
