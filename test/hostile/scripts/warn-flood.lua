-- SPDX-License-Identifier: MIT
-- Warnings are off, or harmless.
-- outcome: endless
warn("@on")
while true do warn("x", "y", "z") end
