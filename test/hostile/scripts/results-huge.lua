-- SPDX-License-Identifier: MIT
-- A result larger than a reply may be.
-- outcome: ERR_RESULT_SIZE
return ("x"):rep(2 << 20)
