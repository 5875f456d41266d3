-- SPDX-License-Identifier: MIT
-- %f at each place of a long text.
-- outcome: endless
local text = ("a"):rep(100000)
while true do text:find("%f[b]") end
