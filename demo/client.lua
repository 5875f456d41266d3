-- SPDX-License-Identifier: MIT
-- The assignment's client. It needs LuaSocket and luarpc/luarpc.lua, and nothing of Lunatik:
--
--   lua5.4 demo/client.lua IP PORT1 PORT2
local here = arg[0]:match("^(.*)/") or "."
package.path = here .. "/../luarpc/?.lua;" .. package.path
local luarpc = require "luarpc"
local arq_interface = here .. "/minhaInt.lua"
local IP, porta1, porta2 = arg[1], arg[2], arg[3]

local p1 = luarpc.createproxy (IP, porta1, arq_interface)
local p2 = luarpc.createproxy (IP, porta2, arq_interface)
local r, s = p1:foo(3, 5)
local t = p2:boo(10)

-- A call that failed gave nil and a message.
local function show(...)
  if (...) == nil then error(select(2, ...), 0) end
  print(table.concat({...}, "  "))
end

show(r, s)
show(p2:foo(3, 5))
show(p1:boo(10))
show(t)
