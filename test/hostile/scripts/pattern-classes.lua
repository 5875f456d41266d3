-- SPDX-License-Identifier: MIT
-- A class of a million bytes, looked through for every byte.
-- outcome: ERR_STEPS
-- limits: memory=32MiB steps=2000000
local class = "[" .. ("a"):rep(1000000) .. "b-c]"
while true do
  local _ = (("z"):rep(1000)):find(class)
end
