-- SPDX-License-Identifier: MIT
-- A forged line of the kernel log, with a BUG in it.
-- outcome: ok
-- marker: BUG: forged by a script
print("\n[    0.000000] BUG: forged by a script\nlunatik: [other] BUG: forged by a script\n\rBUG: forged by a script\n<0>BUG: forged by a script")
