-- SPDX-License-Identifier: MIT
-- The assignment's second object.
myobj2 = { foo = 
             function (a, b, s)
               return a-b, "tchau"
             end,
          boo = 
             function (n)
               return 1
             end
        }
