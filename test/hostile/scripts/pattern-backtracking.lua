-- SPDX-License-Identifier: MIT
-- facts.md's: a pattern that took 67 s of CPU and called no hook.
-- outcome: endless
while true do
  (("a"):rep(600)):find(".-.-.-b")
end
