-- SPDX-License-Identifier: MIT
-- Readers that raise errors, yield, or return nonsense.
-- outcome: ok
-- results: [null, null, null]
return (load(function() error("reader") end)), (load(function() return {} end)), (load(coroutine.yield))
