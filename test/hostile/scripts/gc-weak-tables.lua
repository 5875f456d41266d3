-- SPDX-License-Identifier: MIT
-- Ephemerons that hang on each other, the quadratic case.
-- outcome: ERR_STEPS or ERR_MEMORY
-- limits: steps=2000000
local weak = setmetatable({}, { __mode = "k" })
while true do
  local first = {}
  local key = first
  for i = 1, 2000 do
    local value = {}
    weak[key] = value
    key = value
  end
  collectgarbage()
end
