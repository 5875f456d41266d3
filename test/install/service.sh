#!/bin/sh
# SPDX-License-Identifier: MIT
# Becomes systemd in the namespaces that it is started in, with no units but those in a folder: service.sh FOLDER TARGET
set -e
mount -t tmpfs -o mode=755 run /run
# Its own part of the hierarchy, not the machine's.
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
exec env -i container=lunatik SYSTEMD_UNIT_PATH="$1" \
	/lib/systemd/systemd --system --unit="$2" --log-target=null --show-status=no
