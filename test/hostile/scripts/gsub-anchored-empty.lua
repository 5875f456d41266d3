-- SPDX-License-Identifier: MIT
-- Empty matches: each has to move on.
-- outcome: ok
-- results: ["-a-b-c-", 4]
return ("abc"):gsub("", "-")
