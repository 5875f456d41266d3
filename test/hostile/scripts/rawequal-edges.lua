-- SPDX-License-Identifier: MIT
-- raw functions on what is not a table.
-- outcome: ok
-- results: [false, false, false, false]
return (pcall(rawget, 1, 1)), (pcall(rawset, "x", 1, 1)), (pcall(rawlen, 5)), (pcall(rawset, {}, nil, 1))
