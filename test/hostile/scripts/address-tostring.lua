-- SPDX-License-Identifier: MIT
-- Addresses of the kernel do not show: not of a table, function, coroutine or userdata, not through %p.
-- outcome: ok
-- results: [0]
local shown = 0
local function look(text)
  local digits = text:match("0x(%x+)")
  if digits and #digits >= 12 and digits:sub(1, 4) == "ffff" then shown = shown + 1 end
end
for i = 1, 200 do
  local values = { {}, function() end, coroutine.create(print), print, string.rep, _G, ("x"):rep(100) .. i }
  for _, value in ipairs(values) do
    look(tostring(value))
    look(("%p"):format(value))
  end
end
return shown
