-- SPDX-License-Identifier: MIT
-- Escape sequences for the terminal of whoever reads the log.
-- outcome: ok
-- marker: forged title
print("\27]0;forged title\7\27[2J\27[1;31mforged title\27[0m\b\b\b\127\x9bforged title")
