-- SPDX-License-Identifier: MIT
-- Function names as long as they get, in the traceback.
-- outcome: ERR_RUNTIME
-- message: here
_G[("n"):rep(100000)] = function() error("here") end
_G[("n"):rep(100000)]()
