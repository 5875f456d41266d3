-- SPDX-License-Identifier: MIT
-- A reader that always has more.
-- outcome: endless
load(function() return "x = 1 " end)
