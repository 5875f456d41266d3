-- SPDX-License-Identifier: MIT
-- A pattern whose tries grow with the power of its stars.
-- outcome: ERR_STEPS
local _ = (("a"):rep(30000)):find(("a*"):rep(20) .. "b")
