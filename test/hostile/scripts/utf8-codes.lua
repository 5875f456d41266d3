-- SPDX-License-Identifier: MIT
-- An iteration over text that changes under it is not possible; over bad text it ends.
-- outcome: ERR_RUNTIME
-- message: invalid UTF-8 code
for _ in utf8.codes(("a"):rep(1000) .. "\xff") do end
