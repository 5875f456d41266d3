-- SPDX-License-Identifier: MIT
-- debug.getinfo with millions of options, each of which takes it a while.
-- outcome: ERR_RUNTIME
-- message: too many options
return debug.getinfo(1, ("S"):rep(6 << 20))
