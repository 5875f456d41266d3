-- SPDX-License-Identifier: MIT
-- More upvalues than a function may have.
-- outcome: ok
-- results: [null, true]
local names, body = {}, {}
for i = 1, 199 do names[i] = "a" .. i body[i] = "a" .. i .. "=1" end
local more = {}
for i = 1, 199 do more[i] = "b" .. i body[#body + 1] = "b" .. i .. "=1" end
local f, why = load("local " .. table.concat(names, ",") .. " return function() local " .. table.concat(more, ",") ..
  " return function() " .. table.concat(body, " ") .. " end end")
return f, why:find("too many upvalues") ~= nil
