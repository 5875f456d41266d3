-- SPDX-License-Identifier: MIT
-- An error of bytes that are no text.
-- outcome: ERR_RUNTIME
-- message: ^\x1b\[2J
error("\27[2J\0\255\254\10BUG: forged", 0)
