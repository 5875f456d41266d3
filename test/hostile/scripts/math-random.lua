-- SPDX-License-Identifier: MIT
-- Ranges of random that are empty, or all there are.
-- outcome: ok
-- results: [false, false, "integer"]
return (pcall(math.random, 2, 1)), (pcall(math.random, 1, 2, 3)), math.type(math.random(math.mininteger, math.maxinteger))
