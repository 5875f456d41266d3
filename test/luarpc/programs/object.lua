-- SPDX-License-Identifier: MIT
-- The object behind the tests' servants of t.lua: of servant.lua, and of a state.
object = {
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
