-- SPDX-License-Identifier: MIT
-- __tostring and __name that are no strings.
-- outcome: ok
-- results: [false, false, false]
return (pcall(tostring, setmetatable({}, { __tostring = function() return {} end }))),
  (pcall(string.format, "%s", setmetatable({}, { __tostring = function() end }))),
  (pcall(tostring, setmetatable({}, { __tostring = 7 })))
