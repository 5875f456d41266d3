-- SPDX-License-Identifier: MIT
-- A reader of spaces: nothing is ever made of it.
-- outcome: endless
load(function() return "            " end)
