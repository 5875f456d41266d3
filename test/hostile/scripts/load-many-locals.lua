-- SPDX-License-Identifier: MIT
-- More local variables than a function may have.
-- outcome: ERR_SYNTAX or ERR_RUNTIME
-- message: too many local variables
assert(load(("local a "):rep(300)))
