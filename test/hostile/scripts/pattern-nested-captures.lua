-- SPDX-License-Identifier: MIT
-- Captures inside captures, as many as there may be.
-- outcome: ERR_RUNTIME
-- message: too many captures|C stack overflow
local _ = (("a"):rep(100)):find(("("):rep(40) .. "a*" .. (")"):rep(40))
