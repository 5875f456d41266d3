-- SPDX-License-Identifier: MIT
-- As many gotos as there may be, all to one label: each that is solved moves all that follow.
-- outcome: endless
local source = ("goto a "):rep(32000) .. "::a::"
while true do load(source) end
