-- SPDX-License-Identifier: MIT
-- All globals are taken away, the libraries emptied.
-- outcome: ok
local next, pairs, type, setmetatable = next, pairs, type, setmetatable
local G = _G
for _, library in pairs(G) do
  if type(library) == "table" and library ~= G then
    for k in next, library do library[k] = nil end
  end
end
for k in next, G do G[k] = nil end
setmetatable(G, { __index = function() return nil end, __newindex = function() end, __metatable = false })
