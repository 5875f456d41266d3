-- SPDX-License-Identifier: MIT
-- Keys that are not in the table.
-- outcome: ok
-- results: [false, false, false]
return (pcall(next, {}, 1)), (pcall(next, { 1, 2 }, "x")), (pcall(next, {}, 0 / 0))
