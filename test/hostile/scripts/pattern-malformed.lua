-- SPDX-License-Identifier: MIT
-- Patterns that end too early.
-- outcome: ok
-- results: [0]
local good = 0
for _, pattern in ipairs({ "%", "[", "[a", "[a-", "[%", "[^", "(", "()(", "%b", "%bx", "%f", "%fa", "%1", "(%1)", "%9" }) do
  if pcall(string.find, "text", pattern) then good = good + 1 end
end
return good
