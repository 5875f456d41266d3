-- SPDX-License-Identifier: MIT
-- A numeric loop over all integers there are.
-- outcome: endless
for i = math.mininteger, math.maxinteger do end
