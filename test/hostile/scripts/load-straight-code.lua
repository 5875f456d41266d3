-- SPDX-License-Identifier: MIT
-- Code without a call or a jump takes no steps, so a function has only so much of it.
-- outcome: ok
-- limits: memory=64MiB
-- results: [false, true, 1]
local function chunk(count)
  local pieces = 0
  return function()
    pieces = pieces + 1
    return pieces <= count and ("x = 1.5 % 0.5 "):rep(1000) or nil
  end
end
local text, message = load(chunk(1000))
local small = load(chunk(100))
small()
return text ~= nil, message:find("too many opcodes", 1, true) ~= nil, (load("return 1")())
