-- SPDX-License-Identifier: MIT
-- What is kept in globals counts, and can be given back.
-- outcome: ERR_MEMORY
local ok, why = pcall(function()
  kept = {}
  for i = 1, math.huge do kept[i] = ("x"):rep(1000) .. i end
end)
kept = nil
error(why, 0)
