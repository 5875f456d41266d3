-- SPDX-License-Identifier: MIT
-- %q of values that have no text.
-- outcome: ok
-- results: [false, false, "0x8000000000000000", "(0/0)", "1e9999"]
return (pcall(string.format, "%q", {})), (pcall(string.format, "%q", print)), ("%q"):format(math.mininteger),
  ("%q"):format(0 / 0), ("%q"):format(math.huge)
