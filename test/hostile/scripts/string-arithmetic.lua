-- SPDX-License-Identifier: MIT
-- Arithmetic on strings that look like numbers.
-- outcome: ok
-- results: [30, 7.5, false, 1, false]
return "10" + "20", "0x0F" / 2, (pcall(function() return "x" + 1 end)), "10" // "6.5", (pcall(function() return "1e400x" | 1 end))
