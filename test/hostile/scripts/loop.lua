-- SPDX-License-Identifier: MIT
-- An empty loop.
-- outcome: endless
while true do end
