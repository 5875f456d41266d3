-- SPDX-License-Identifier: MIT
-- A loop whose condition is a jump backwards.
-- outcome: endless
repeat until false
