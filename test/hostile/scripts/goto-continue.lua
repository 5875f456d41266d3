-- SPDX-License-Identifier: MIT
-- goto over locals, into blocks and out of closures: refused, or harmless.
-- outcome: ok
-- results: [null, null, null]
return (load("goto x; local a; ::x:: print(a)")), (load("goto x; do ::x:: end")), (load("do return function() goto x end end ::x::"))
