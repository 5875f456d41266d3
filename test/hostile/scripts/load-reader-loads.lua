-- SPDX-License-Identifier: MIT
-- A reader that loads, as deep as it goes.
-- outcome: ok
-- results: [null]
local function nest() return load(nest) and nil or error("deep") end
return (load(nest))
