-- SPDX-License-Identifier: MIT
-- Reads a double a line, and writes each as luarpc does: through a servant and a proxy, both of this program.
local luarpc = require "luarpc"
local socket = require "socket"
local interface = luarpc.parseInterface("interface n { string text (in double n); }")
local servant = luarpc.createServant({ text = function(n) return n end }, interface)
local client = assert(socket.connect(servant.ip, servant.port))
client:settimeout(0)
for line in io.lines() do
  client:send("text\n" .. line .. "\n")
  local answer, message, partial
  repeat
    luarpc.step(1)
    answer, message, partial = client:receive("*l", partial)
  until answer or message ~= "timeout"
  print(answer)
end
