-- SPDX-License-Identifier: MIT
-- A servant for the tests: servant.lua INTERFACE PROFILE [close]. Prints its port.
local luarpc = require "luarpc"

dofile((arg[0]:match("^(.*)/") or ".") .. "/object.lua")

local servant = luarpc.createServant(object, arg[1], { profile = arg[2], closeAfterCall = arg[3] == "close" })
print(servant.port)
io.stdout:flush()
luarpc.waitIncoming()
