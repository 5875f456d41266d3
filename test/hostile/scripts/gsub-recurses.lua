-- SPDX-License-Identifier: MIT
-- A callback of gsub that calls gsub.
-- outcome: ERR_RUNTIME
-- message: stack overflow
local function nest() return (("x"):gsub("x", nest)) end
nest()
