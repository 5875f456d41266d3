-- SPDX-License-Identifier: MIT
-- Arguments that are odd: empty keys, deep tables, long texts.
-- outcome: ok
-- results: [3, 7, "\u0000"]
-- arguments: [{"": {"": [[[[[[7]]]]]]}}, "\u0000", null]
local a, b = ...
return select("#", ...), a[""][""][1][1][1][1][1][1], b
