-- SPDX-License-Identifier: MIT
-- A comparator that never returns.
-- outcome: endless
table.sort({ 5, 4, 3, 2, 1 }, function() while true do end end)
