-- SPDX-License-Identifier: MIT
-- The closing method disappears before it is needed.
-- outcome: ERR_RUNTIME
-- message: metamethod 'close'
local mt = { __close = function() end }
local x <close> = setmetatable({}, mt)
mt.__close = nil
