-- SPDX-License-Identifier: MIT
-- What debug has cannot reach into other functions.
-- outcome: ok
-- results: [null, null, null, null, null, null, null, null]
return debug.getregistry, debug.sethook, debug.setupvalue, debug.upvaluejoin, debug.setmetatable, debug.getlocal, debug.setuservalue, debug.debug
