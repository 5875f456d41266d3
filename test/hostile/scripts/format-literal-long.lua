-- SPDX-License-Identifier: MIT
-- A format without a directive, of a megabyte.
-- outcome: endless
local format = ("x"):rep(1 << 20)
while true do format:format() end
