-- SPDX-License-Identifier: MIT
-- A format of a million options.
-- outcome: endless
local options = ("i1"):rep(500000)
while true do pcall(string.packsize, options) end
