-- SPDX-License-Identifier: MIT
-- io, package, require, dofile and loadfile are not there.
-- outcome: ok
-- results: [null, null, null, null, null]
return io, package, require, dofile, loadfile
