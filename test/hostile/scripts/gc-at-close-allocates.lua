-- SPDX-License-Identifier: MIT
-- Finalizers that use up the memory while the state is deleted.
-- outcome: ok
kept = setmetatable({}, { __gc = function()
  local t = {}
  while true do pcall(function() t[#t + 1] = ("x"):rep(1000 + #t) end) end
end })
