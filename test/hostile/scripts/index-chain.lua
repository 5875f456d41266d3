-- SPDX-License-Identifier: MIT
-- A chain of __index that ends where it began.
-- outcome: ERR_RUNTIME
-- message: '__index' chain too long
local a, b = {}, {}
setmetatable(a, { __index = b })
setmetatable(b, { __index = a })
return a.x
