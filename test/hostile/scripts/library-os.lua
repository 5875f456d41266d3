-- SPDX-License-Identifier: MIT
-- What os has is harmless.
-- outcome: ok
-- results: [null, null, null, null, null, null]
return os.execute, os.exit, os.getenv, os.remove, os.rename, os.tmpname
