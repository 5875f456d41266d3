-- SPDX-License-Identifier: MIT
-- Padding of a hundred million bytes.
-- outcome: ERR_MEMORY
local _ = string.pack("c100000000", "")
