-- SPDX-License-Identifier: MIT
-- Names of chunks that would confuse a message.
-- outcome: ok
-- results: [true]
for _, name in ipairs({ "", "=", "@", "\n", "=\n", ("x"):rep(100000), "=" .. ("x"):rep(100000), "@" .. ("x"):rep(100000), "\0", "%s%n" }) do
  local f, why = load("x =", name)
  assert(f == nil and #why < 300)
end
return true
