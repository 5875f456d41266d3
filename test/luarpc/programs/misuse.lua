-- SPDX-License-Identifier: MIT
-- Gives the library what it cannot use, and prints what it says, and whether it says so of this file.
local luarpc = require "luarpc"
local file = arg[1]
local servant = luarpc.createServant({}, file)
local function try(f, ...)
  local _, message = pcall(function(...) local made = f(...) return made end, ...)
  print((tostring(message):gsub("^.*misuse%.lua:%d+: ", "here: "):gsub(tostring(servant.port), "PORT")))
end
try(luarpc.createServant, nil, file)
try(luarpc.createServant, {}, file, { port = servant.port })
try(luarpc.createServant, {}, file, { profile = "x" })
try(luarpc.createServant, {}, {})
try(luarpc.createProxy, nil, 1, file)
try(luarpc.createProxy, "127.0.0.1", "x", file)
try(luarpc.createProxy, "127.0.0.1", 65536, file)
try(luarpc.createProxy, "127.0.0.1", 1)
try(luarpc.createProxy, "127.0.0.1", 1, "/dev/zero")
