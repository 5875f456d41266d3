-- SPDX-License-Identifier: MIT
-- A comparator that yields inside sort.
-- outcome: ok
-- results: [false, "attempt to yield across a C-call boundary"]
local co = coroutine.create(function() table.sort({ 3, 2, 1 }, coroutine.yield) end)
return coroutine.resume(co)
