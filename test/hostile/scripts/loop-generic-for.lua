-- SPDX-License-Identifier: MIT
-- An iterator that never gives nil.
-- outcome: endless
for _ in function() return 1 end do end
