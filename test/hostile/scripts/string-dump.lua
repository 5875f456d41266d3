-- SPDX-License-Identifier: MIT
-- Byte code is written, and never read again, whole, in pieces or changed.
-- outcome: ok
-- results: [null, null, null, 0]
local code = string.dump(function() return 1 end)
local at, loaded = 0, 0
local function piece()
  at = at + 1
  return code:sub(at, at)
end
for i = 1, #code do
  local forged = code:sub(1, i - 1) .. string.char(code:byte(i) ~ 0xff) .. code:sub(i + 1)
  if forged:sub(1, 1) == "\27" and load(forged, "x", "b") then loaded = loaded + 1 end
end
return load(code), load(code, "x", "b"), load(piece, "x", "bt"), loaded
