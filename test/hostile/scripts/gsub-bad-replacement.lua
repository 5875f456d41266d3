-- SPDX-License-Identifier: MIT
-- Replacements that refer to captures that are not there.
-- outcome: ok
-- results: [false, false, false, false]
return (pcall(string.gsub, "abc", "b", "%2")), (pcall(string.gsub, "abc", "b", "%")),
  (pcall(string.gsub, "abc", "b", "%x")), (pcall(string.gsub, "abc", "b", function() return {} end))
