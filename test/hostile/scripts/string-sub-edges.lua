-- SPDX-License-Identifier: MIT
-- Places beyond both ends.
-- outcome: ok
-- results: ["", "abc", "abc", "", ""]
local most, least = math.maxinteger, math.mininteger
return ("abc"):sub(most, least), ("abc"):sub(least, most), ("abc"):sub(1, most), ("abc"):sub(most), ("abc"):sub(least, least)
