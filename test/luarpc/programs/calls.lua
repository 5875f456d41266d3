-- SPDX-License-Identifier: MIT
-- Calls foo as often as it is told, one call after the other, and prints what each gave.
local luarpc = require "luarpc"
local proxy = luarpc.createProxy(arg[2], arg[3], arg[1])
for _ = 1, tonumber(arg[4]) do print(proxy.foo(3, 5)) end
