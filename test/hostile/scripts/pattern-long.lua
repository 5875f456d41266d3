-- SPDX-License-Identifier: MIT
-- A pattern of a hundred thousand items.
-- outcome: ERR_RUNTIME
-- message: pattern too complex|C stack overflow
local _ = (("a"):rep(100000)):find((".?"):rep(100000))
