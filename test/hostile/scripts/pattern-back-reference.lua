-- SPDX-License-Identifier: MIT
-- Back references to long captures.
-- outcome: ERR_STEPS
local text = ("a"):rep(5000)
local _ = text:find("(.*)(.*)%1%2b")
