-- SPDX-License-Identifier: MIT
-- Every metamethod never returns.
-- outcome: endless
local function loop() while true do end end
local mt = {}
for _, event in ipairs({ "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "bnot", "shl", "shr", "concat", "len", "eq", "lt", "le", "index", "newindex", "call" }) do
  mt["__" .. event] = loop
end
local a, b = setmetatable({}, mt), setmetatable({}, mt)
return pcall(function() return a + b end), pcall(function() return a == b end), a < b
