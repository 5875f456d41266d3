-- SPDX-License-Identifier: MIT
-- A servant for the tests: servant.lua INTERFACE PROFILE [close]. Prints its port.
local luarpc = require "luarpc"

local object = {
  foo = function(a, b, s)
    assert(s == nil)
    return a + b, "alo alo"
  end,
  boo = function(n) return n end,
  echo = function(s) return s end,
  one = function(c) return c end,
  nothing = function() end,
  take = function() end,
  mixed = function(x, s, c) return s, x == nil and 1 or 0, c end,
  fail = function(why) error(why, 0) end,
}
local servant = luarpc.createServant(object, arg[1], { profile = arg[2], closeAfterCall = arg[3] == "close" })
print(servant.port)
io.stdout:flush()
luarpc.waitIncoming()
