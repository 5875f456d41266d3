-- SPDX-License-Identifier: MIT
-- Errors in finalizers go to nobody.
-- outcome: ok
-- results: ["done"]
for i = 1, 1000 do setmetatable({}, { __gc = function() error(setmetatable({}, { __tostring = error })) end }) end
collectgarbage()
collectgarbage()
return "done"
