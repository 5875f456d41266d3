-- SPDX-License-Identifier: MIT
-- The engine's own functions, got in a handler and in a finalizer, called by the script.
-- outcome: ok
-- leaves: what a script does to itself
local found = {}
local function gather()
  for level = 0, 30 do
    local info = debug.getinfo(level, "fS")
    if not info then break end
    if info.what == "C" then found[#found + 1] = info.func end
  end
end
xpcall(error, gather)
setmetatable({}, { __gc = gather })
collectgarbage()
table.sort({ 2, 1 }, function(a, b) gather() return a < b end)
for _, f in ipairs(found) do
  pcall(f)
  pcall(coroutine.wrap(f))
  pcall(f, {}, {}, {})
end
