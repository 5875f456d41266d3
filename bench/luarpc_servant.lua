-- SPDX-License-Identifier: MIT
-- A servant written with luarpc.lua and LuaSocket: luarpc_servant.lua INTERFACE FUNCTION. Prints its port.
local luarpc = require "luarpc"

assert(load(arg[2]))()
local servant = luarpc.createServant({ foo = foo }, luarpc.parseInterface(arg[1]))
print(("%d"):format(servant.port))
io.stdout:flush()
luarpc.waitIncoming()
