-- SPDX-License-Identifier: MIT
-- A metatable of the globals that raises errors, for a call by name.
-- outcome: ERR_RUNTIME
-- message: trap
-- call: anything.at.all
setmetatable(_G, { __index = function() error("trap") end })
