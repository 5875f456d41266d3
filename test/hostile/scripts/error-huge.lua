-- SPDX-License-Identifier: MIT
-- An error of eight megabytes: what is told is cut.
-- outcome: ERR_RUNTIME
-- message: ^.{4096}$
-- limits: memory=32MiB
error(("x"):rep(8 << 20), 0)
