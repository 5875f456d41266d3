-- SPDX-License-Identifier: MIT
-- Tables whose keys are floats, booleans, NaN texts and holes.
-- outcome: ok
return { [1] = 1, [3] = 3, [2.5] = 2, [true] = false, ["\0"] = "\255", [math.mininteger] = math.maxinteger, [-0.0] = 0 / 0 }
