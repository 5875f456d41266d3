-- SPDX-License-Identifier: MIT
-- A format of a hundred thousand directives.
-- outcome: ERR_RUNTIME
-- message: bad argument #1 to 'format'
local _ = (("%d"):rep(100000)):format()
