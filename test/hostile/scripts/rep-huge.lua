-- SPDX-License-Identifier: MIT
-- facts.md's: a string of 256 MiB. The limit refuses it before any work is done.
-- outcome: ERR_MEMORY
local _ = ("x"):rep(256 << 20)
