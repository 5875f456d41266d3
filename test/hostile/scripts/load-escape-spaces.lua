-- SPDX-License-Identifier: MIT
-- A text with "\z" and then spaces without end, in large pieces.
-- outcome: endless
local spaces, first = (" "):rep(4 << 20), true
load(function()
  if not first then return spaces end
  first = false
  return "x = '\\z"
end)
