-- SPDX-License-Identifier: MIT
-- Formats and times of os.date that are odd.
-- outcome: ok
for _, time in ipairs({ 0, -1, 1 << 40, -(1 << 40), 1 << 55, -(1 << 55), math.maxinteger, math.mininteger }) do
  pcall(os.date, "!%c", time)
  pcall(os.date, "*t", time)
  pcall(os.date, ("%Y"):rep(1000), time)
end
for byte = 0, 255 do pcall(os.date, "%" .. string.char(byte)) end
pcall(os.time, { year = math.maxinteger, month = math.maxinteger, day = math.maxinteger })
pcall(os.time, { year = math.mininteger, month = 1, day = 1 })
pcall(os.time, setmetatable({}, { __index = function() return 1 << 40 end }))
