-- SPDX-License-Identifier: MIT
-- Calls that hand more and more values on.
-- outcome: ERR_RUNTIME or ERR_MEMORY or ERR_STEPS
-- limits: steps=2000000
local function more(...) return more(1, ...) end
more()
