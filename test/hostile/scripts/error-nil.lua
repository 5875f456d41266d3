-- SPDX-License-Identifier: MIT
-- nil as an error object.
-- outcome: ERR_RUNTIME
-- message: nil
error(nil)
