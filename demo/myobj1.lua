-- SPDX-License-Identifier: MIT
-- The assignment's first object.
myobj1 = { foo = 
             function (a, b, s)
               return a+b, "alo alo"
             end,
          boo = 
             function (n)
               return n
             end
        }
