-- SPDX-License-Identifier: MIT
-- Control messages of warn.
-- outcome: ok
warn("@on")
warn("@off")
warn("@nonsense")
warn(("x"):rep(100000))
pcall(warn)
pcall(warn, {})
