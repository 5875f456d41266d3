-- SPDX-License-Identifier: MIT
-- Names of types, modes and options of megabytes, which error messages measure, compare and copy.
-- outcome: endless
local name = ("n"):rep(1 << 20)
local first = setmetatable({}, { __name = name })
local second = setmetatable({}, { __name = name .. "" })
while true do
  pcall(string.rep, first)
  pcall(function() return first < second end)
  pcall(function() return first + 1 end)
  pcall(tostring, first)
  pcall(load, "x", "x", name)
  pcall(collectgarbage, name)
  pcall(error, name, 2)
end
