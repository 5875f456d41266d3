-- SPDX-License-Identifier: MIT
-- Formats with widths and precisions as large as they may be, and larger.
-- outcome: ok
-- results: [99, false, false, 414]
return #("%99d"):format(1), (pcall(string.format, "%100d", 1)), (pcall(string.format, "%.100f", 1)), #("%99.99f"):format(-1e308) + 4
