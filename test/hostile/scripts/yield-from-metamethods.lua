-- SPDX-License-Identifier: MIT
-- Yields out of metamethods, iterators and closing methods, for ever.
-- outcome: endless
local y = coroutine.yield
local mt = { __index = y, __add = y, __eq = y, __lt = y, __concat = y, __len = y, __call = y, __close = y, __newindex = y, __unm = y }
local co = coroutine.wrap(function()
  local a, b = setmetatable({}, mt), setmetatable({}, mt)
  while true do
    local _ = a.x, a + b, a == b, a < b, a .. b, #a, a(1), -a
    a.y = 1
    local c <close> = b
    for _ in y do break end
  end
end)
while true do co() end
