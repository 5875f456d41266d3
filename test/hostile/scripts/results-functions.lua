-- SPDX-License-Identifier: MIT
-- Results that cannot cross.
-- outcome: ERR_RESULT_TYPE
return { a = { b = { print } } }
