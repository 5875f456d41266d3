-- SPDX-License-Identifier: MIT
-- select at the edges.
-- outcome: ok
-- results: [false, false, 0, 3]
return (pcall(select, 0)), (pcall(select, math.mininteger)), select("#", select(math.maxinteger, 1, 2, 3)), select(-1, 1, 2, 3)
