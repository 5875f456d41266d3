#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The guest's first program: puts a writeable layer over the host's root and goes on there, in guest.sh.
bb=/bin/busybox
fail() {
	echo "init: $*" >/dev/console
	$bb poweroff -f
}

$bb mount -t proc proc /proc || fail "no /proc"
$bb mount -t devtmpfs dev /dev || fail "no /dev"
. /settings

for module in /modules/*.ko; do
	[ -e "$module" ] || continue # a kernel with everything built in
	$bb insmod "$module" || fail "insmod $module"
done

$bb mount -t 9p -o trans=virtio,version=9p2000.L,msize=1048576,cache=loose,ro host /host || fail "no host"
$bb mount -t tmpfs -o mode=0755,size=75% tmpfs /top || fail "no tmpfs"
$bb mkdir /top/upper /top/work
$bb mount -t overlay -o lowerdir=/host,upperdir=/top/upper,workdir=/top/work overlay /root || fail "no overlay"
$bb mount -t 9p -o trans=virtio,version=9p2000.L,msize=1048576,cache=mmap run "/root$LUNATIK_VM_RUN" || fail "no run folder"
$bb umount /proc

# PID 1 shares its root with the kernel's own threads, so that they too find modprobe there.
exec $bb switch_root /root "$LUNATIK_VM_SHELL" "$LUNATIK_VM_CHECKOUT/test/vm/guest.sh"
