-- SPDX-License-Identifier: MIT
-- A plain search that almost matches everywhere.
-- outcome: endless
local text, what = ("a"):rep(1000000), ("a"):rep(500000) .. "b"
while true do text:find(what, 1, true) end
