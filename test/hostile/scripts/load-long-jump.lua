-- SPDX-License-Identifier: MIT
-- A loop so long that its jump hardly fits.
-- outcome: ok
-- results: ["function"]
-- limits: memory=64MiB steps=10000000
return type(load("while x do " .. ("a=b "):rep(60000) .. " end"))
