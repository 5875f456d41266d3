-- SPDX-License-Identifier: MIT
-- A dead coroutine is looked at from all sides.
-- outcome: ok
-- results: ["dead", false, false, "dead"]
local co = coroutine.create(function() error({}) end)
coroutine.resume(co)
return coroutine.status(co), (coroutine.resume(co)), (coroutine.close(co)), coroutine.status(co)
