-- SPDX-License-Identifier: MIT
-- A table as an error object.
-- outcome: ERR_RUNTIME
-- message: error object is a table value
error({})
