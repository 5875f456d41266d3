-- SPDX-License-Identifier: MIT
-- Parses interfaces, each up to a byte 1 on stdin, and prints the methods or the error, each followed by a byte 1.
local luarpc = require "luarpc"
for text in io.read("*a"):gmatch("([^\1]*)\1") do
  local ok, interface = pcall(luarpc.parseInterface, text, "x.lua")
  if ok then
    local lines = {}
    for name, method in pairs(interface.methods) do
      local parameters = {}
      for index, parameter in ipairs(method.parameters) do
        parameters[index] = ("%s %s %s"):format(parameter.direction, parameter.type, parameter.name or "a" .. index)
      end
      lines[#lines + 1] = ("%s %s (%s)"):format(method.result, name, table.concat(parameters, ", "))
    end
    table.sort(lines)
    io.write(interface.name or "-", "\n", table.concat(lines, "\n"), "\1")
  else
    io.write(interface, "\1")
  end
end
