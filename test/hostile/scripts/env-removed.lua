-- SPDX-License-Identifier: MIT
-- Without an environment there is nothing to call.
-- outcome: ok
-- results: [false]
local pcall = pcall
local _ENV = nil
return (pcall(function() return x end))
