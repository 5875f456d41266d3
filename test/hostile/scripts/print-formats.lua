-- SPDX-License-Identifier: MIT
-- What looks like a format is none.
-- outcome: ok
-- marker: %s%s%n%p forged format
print("%s%s%n%p forged format %x %n %s")
