-- SPDX-License-Identifier: MIT
-- The assignment's client, as printed; where the servants are comes from the command line.
local luarpc = require "luarpc"
local arq_interface, IP, porta1, porta2 = arg[1], arg[2], arg[3], arg[4]

local p1 = luarpc.createproxy (IP, porta1, arq_interface)
local p2 = luarpc.createproxy (IP, porta2, arq_interface)
local r, s = p1:foo(3, 5)
local t = p2:boo(10)
print(r, s, t)
r, s = p2.foo(3, 5)
print(r, s)
