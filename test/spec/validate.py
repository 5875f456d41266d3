#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Read a netlink specification with the kernel's own reader, which validates it against the schema of its protocol and
resolves every reference. Usage: validate.py YNL SPECIFICATION; YNL is the folder that fetch-ynl prints.
"""

import sys

ynl, path = sys.argv[1:]
sys.path.insert(0, f"{ynl}/tools/net/ynl")
from lib import SpecFamily  # noqa: E402

family = SpecFamily(path, f"{ynl}/Documentation/netlink/genetlink-legacy.yaml")
print(f"{family.name}: {len(family.msgs)} messages")
