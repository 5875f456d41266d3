-- SPDX-License-Identifier: MIT
-- A numeric loop of floats that never get there: 2^53 + 1 is 2^53.
-- outcome: endless
for x = 2.0 ^ 53, math.huge do end
