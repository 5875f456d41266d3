-- SPDX-License-Identifier: MIT
-- Prints without end.
-- outcome: endless
while true do print("flood") end
