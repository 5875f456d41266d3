-- SPDX-License-Identifier: MIT
-- Closing methods that open what has to be closed.
-- outcome: ERR_RUNTIME
-- message: stack overflow
local function deep()
  local x <close> = setmetatable({}, { __close = deep })
end
deep()
