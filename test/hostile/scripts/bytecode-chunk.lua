-- SPDX-License-Identifier: MIT
-- A chunk that is byte code.
-- outcome: ok
-- results: [null, "attempt to load a binary chunk (mode is 't')"]
-- arguments: ["\u001bLua"]
return load(..., "x", "b")
