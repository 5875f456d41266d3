-- SPDX-License-Identifier: MIT
-- Nothing, as often as an integer can say.
-- outcome: endless
return (""):rep(math.maxinteger)
