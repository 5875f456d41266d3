-- SPDX-License-Identifier: MIT
-- A step of zero.
-- outcome: ERR_RUNTIME
-- message: 'for' step is zero
for i = 1, 2, 0 do end
