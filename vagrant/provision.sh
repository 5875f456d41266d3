#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Takes a clean Debian 12 to a loaded module and a working kluactl. Run as root, step by step or all at once; each step may
# be repeated.
#
#   provision.sh system   the newest kernel with its headers, and node 20; boot the kernel afterwards
#   provision.sh build    module and client from the checkout (LUNATIK, /lunatik unless set)
#   provision.sh load     installs the module, loads it now and at every boot, and sees whether it works
set -euo pipefail

checkout=${LUNATIK:-/lunatik}
# Debian 12 has node 18. The registry's package "node" brings the official binary.
node=20.20.2
export DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

step() {
	echo "==> $*"
}

system() {
	step "kernel, headers, tools"
	apt-get -q update
	local arch
	arch=$(dpkg --print-architecture)
	apt-get -q install -y --no-install-recommends "linux-image-$arch" "linux-headers-$arch" \
		gcc make libc6-dev patch curl ca-certificates kmod npm
	if [[ $(node --version) != "v$node" ]]; then
		step "node $node from the npm registry (Debian has $(node --version))"
		npm install --global --no-audit --no-fund --ignore-scripts=false "node@$node"
		hash -r
	fi
	[[ $(node --version) == "v$node" ]]
}

build() {
	cd "$checkout"
	step "module"
	make
	step "client"
	make client
}

load() {
	cd "$checkout"
	local release
	release=$(uname -r)
	step "lunatik.ko for $release"
	[[ $(modinfo -F vermagic lunatik.ko) == "$release "* ]] || {
		echo "lunatik.ko was built for another kernel: boot it, or run the step build again" >&2
		exit 1
	}
	install -D -m 644 lunatik.ko "/lib/modules/$release/updates/lunatik.ko"
	depmod "$release"
	mkdir -p /etc/modules-load.d
	echo lunatik >/etc/modules-load.d/lunatik.conf
	modprobe lunatik
	ln -sfn "$checkout/bin/kluactl" /usr/local/bin/kluactl
	step "a first state"
	kluactl create provision
	[[ $(kluactl execute provision -e 'return 3.5 + 5') == 8.5 ]]
	kluactl delete provision
	kluactl version
	step "ready: sudo kluactl create hello; sudo kluactl execute hello -e 'return _VERSION'"
}

[[ $(id -u) == 0 ]] || {
	echo "provision.sh needs root" >&2
	exit 1
}
[[ $# -gt 0 ]] || set -- system build load
for name; do
	case $name in
	system | build | load) "$name" ;;
	*)
		echo "provision.sh: no step $name" >&2
		exit 2
		;;
	esac
done
