-- SPDX-License-Identifier: MIT
-- A coroutine that resumes, closes and wraps itself.
-- outcome: ok
-- results: [false, false, "cannot resume non-suspended coroutine"]
local co
co = coroutine.create(function()
  local closed = pcall(coroutine.close, co)
  local resumed, why = coroutine.resume(co)
  return closed, resumed, why
end)
return select(2, coroutine.resume(co))
