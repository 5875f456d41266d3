-- SPDX-License-Identifier: MIT
-- A comment that never ends.
-- outcome: endless
load(function() return "--" end)
