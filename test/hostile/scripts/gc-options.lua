-- SPDX-License-Identifier: MIT
-- Every option of collectgarbage, with odd numbers.
-- outcome: ok
for _, option in ipairs({ "step", "setpause", "setstepmul", "incremental", "generational" }) do
  for _, number in ipairs({ 0, 1, -1, 100, 1 << 30, -(1 << 30), math.maxinteger, math.mininteger }) do
    pcall(collectgarbage, option, number, number, number)
    local t = {}
    for i = 1, 200 do t[i] = { i } end
  end
end
pcall(collectgarbage, "nonsense")
collectgarbage("incremental", 200, 100, 13)
