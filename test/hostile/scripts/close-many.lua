-- SPDX-License-Identifier: MIT
-- A closing method for each turn of a loop, under errors.
-- outcome: endless
while true do
  pcall(function()
    local x <close> = setmetatable({}, { __close = function() error("in close") end })
    error("in body")
  end)
end
