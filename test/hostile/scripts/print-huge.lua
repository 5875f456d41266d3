-- SPDX-License-Identifier: MIT
-- A line of many megabytes.
-- outcome: ok
-- limits: memory=32MiB
print(("x"):rep(8 << 20))
