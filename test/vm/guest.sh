#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs in the guest as PID 1, with the host's files around it: loads the module, runs the command, unloads the module,
# hands the kernel log over and turns the machine off. Tells the host how far it got by files in $LUNATIK_VM_RUN.
run=$LUNATIK_VM_RUN
bb=/bin/busybox
[ -x $bb ] || bb=/usr/bin/busybox

finish() {
	dmesg --raw >"$run/kernel.log" 2>/dev/null
	echo "$1" >"$run/end"
	sync
	$bb poweroff -f
	sleep 60
}

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
ln -sfn /proc/self/fd /dev/fd
ln -sfn fd/0 /dev/stdin
ln -sfn fd/1 /dev/stdout
ln -sfn fd/2 /dev/stderr
case $LUNATIK_VM_CHECKOUT$LUNATIK_VM_NODE$LUNATIK_CACHE in
*/run/*) ;;
*) mount -t tmpfs -o mode=0755 run /run ;;
esac
# A user's QEMU cannot read root's home.
[ "$LUNATIK_VM_USER" = 0 ] || mount -t tmpfs -o mode=0700 home /root
export HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 USER=root LOGNAME=root SHELL=/bin/bash
export PATH="$LUNATIK_VM_CHECKOUT/bin:${LUNATIK_VM_NODE%/*}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
hostname lunatik-vm
$bb ip link set lo up
if [ -d /sys/class/net/eth0 ]; then
	$bb ip link set eth0 up
	$bb ip address add "$LUNATIK_VM_ADDRESS/24" dev eth0
fi

mkdir -p "/lib/modules/$(uname -r)" /run/modprobe.d
mount --bind "$run/lib/modules/$(uname -r)" "/lib/modules/$(uname -r)"
[ -z "$LUNATIK_VM_PARAMETERS" ] || echo "options lunatik $LUNATIK_VM_PARAMETERS" >/run/modprobe.d/lunatik.conf
echo 1 >/proc/sys/kernel/sysrq
read -r up _ </proc/uptime
echo "$up" >"$run/booted"

cd "$LUNATIK_VM_CHECKOUT" || finish "no checkout"
if [ "$LUNATIK_VM_LOAD" = yes ]; then
	# shellcheck disable=SC2086 # the parameters are words
	insmod "$LUNATIK_VM_MODULE" $LUNATIK_VM_PARAMETERS 2>"$run/insmod" || finish "insmod failed"
	echo loaded >"$run/loaded"
fi

if [ "$LUNATIK_VM_INTERACTIVE" = yes ]; then
	stty rows "$LUNATIK_VM_ROWS" cols "$LUNATIK_VM_COLUMNS" </dev/hvc0
	setsid --ctty --wait /bin/sh "$run/command.sh" </dev/hvc0 >/dev/hvc0 2>&1
	echo $? >"$run/status"
else
	for port in /sys/class/virtio-ports/*; do
		[ "$(cat "$port/name")" = lunatik.output ] && output=/dev/${port##*/}
	done
	mkfifo /dev/shm/output
	cat /dev/shm/output >"$output" &
	relay=$!
	/bin/sh "$run/command.sh" </dev/null >/dev/shm/output 2>&1
	echo $? >"$run/status"
	# A daemon that the command left behind may hold its output open for ever.
	patience=50
	while kill -0 $relay 2>/dev/null && [ $patience -gt 0 ]; do
		patience=$((patience - 1))
		sleep 0.1
	done
fi

if grep -q '^lunatik ' /proc/modules; then
	timeout 120 rmmod lunatik 2>"$run/rmmod" || finish "rmmod failed"
	grep -q '^lunatik ' /proc/modules && finish "rmmod left the module"
fi
finish 'done'
