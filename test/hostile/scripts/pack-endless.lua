-- SPDX-License-Identifier: MIT
-- pack with a padding of a megabyte, for ever.
-- outcome: endless
while true do string.pack("c1000000", "") end
