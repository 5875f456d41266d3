-- SPDX-License-Identifier: MIT
-- Tail calls use no stack: nothing but steps ends them.
-- outcome: endless
local function again() return again() end
again()
