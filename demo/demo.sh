#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Shows what Lunatik does, one command after the other, and checks what each prints. Runs in a machine whose kernel the module
# may be loaded into (make demo boots one), or on an embedded server (LUNATIK_BACKEND=embedded, LUNATIK_DEMO_LOG its log).
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

# demo/run says whether its output is a terminal: in the VM ours never is.
if [[ -z ${NO_COLOR:-} && ${LUNATIK_DEMO_COLOUR:-no} == yes ]]; then
	bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
	bold='' green='' red='' plain=''
fi
checks=0
failures=0
output=
daemon=
if [[ ${LUNATIK_BACKEND:-kernel} == embedded ]]; then
	inside='$' outside='$'
else
	inside='vm#' outside='host$'
fi

title() {
	printf '\n%s# %s%s\n' "$bold" "$*" "$plain"
}

failed() {
	failures=$((failures + 1))
	printf '%sFAILED: %s%s\n' "$red" "$*" "$plain"
}

show() { # prompt command
	printf '%s%s %s%s\n' "$bold" "$1" "$2" "$plain"
}

ended() { # exit-code wanted
	checks=$((checks + 1))
	[[ $1 == "$2" ]] || failed "exit code $1 instead of $2"
}

# Prints a command as one would type it, runs it, and checks its exit code.
run() { # exit-code command
	local wanted=$1 status
	shift
	show "$inside" "$*"
	output=$(eval "$*" 2>&1)
	status=$?
	printf '%s\n' "$output"
	ended $status "$wanted"
}

# The same for a command that runs on the host: beside the VM, or beside the embedded server.
run_outside() { # word...
	local status
	show "$outside" "$*"
	if [[ $inside == "$outside" ]]; then
		output=$(demo/outside "$@" 2>&1)
	else
		output=$(test/vm/outside "$@" 2>&1)
	fi
	status=$?
	printf '%s\n' "$output"
	ended $status 0
}

# Starts kluad, and waits until it has its control socket.
start_daemon() {
	local socket=${LUNATIK_CONTROL_SOCKET:-/run/lunatik/kluad.sock} patience=600
	show "$inside" "kluad 2>$1 &"
	kluad 2>"$1" &
	daemon=$!
	until [[ -S $socket ]]; do
		if ! kill -0 $daemon 2>/dev/null || ((patience-- == 0)); then
			cat "$1"
			failed "kluad did not start"
			return
		fi
		sleep 0.1
	done
}

# Has kluad stop, and waits until it has.
stop_daemon() {
	show "$inside" "kill -TERM \$! && wait \$!"
	kill -TERM "$daemon"
	wait "$daemon"
	ended $? 0
}

# Checks that the last command printed a line that matches.
saw() { # extended-regular-expression
	checks=$((checks + 1))
	grep -qE -e "$1" <<<"$output" || failed "no line matches: $1"
}

# The port on the host that leads to a servant, given its ADDRESS:PORT.
port_outside() {
	local pair
	for pair in ${LUNATIK_VM_FORWARD:-}; do
		[[ $pair != *":${1##*:}" ]] || {
			echo "${pair%:*}"
			return
		}
	done
	echo "${1##*:}"
}

# The end of the kernel log, or of what stands for it.
log() {
	if [[ -n ${LUNATIK_DEMO_LOG:-} ]]; then
		run 0 "tail -n $1 $LUNATIK_DEMO_LOG"
	else
		run 0 "dmesg | tail -n $1"
	fi
}

if [[ ${LUNATIK_BACKEND:-kernel} == embedded ]]; then
	title "The embedded backend: the module's own sources as a program. kluactl speaks to both in the same way."
else
	title "A Linux kernel in a virtual machine (vm#), and a module with Lua in it"
	run 0 uname -sr
	run 0 insmod lunatik.ko
fi
run 0 kluactl version
saw 'Lua 5\.4\.8'

title "States: interpreters with a name and a memory of their own"
run 0 "kluactl create counter"
run 0 "kluactl create shapes --memory 1M --description 'areas and volumes'"
run 11 "kluactl create counter"
saw 'ERR_EXISTS|name already'

title "The whole language, real doubles included"
run 0 "kluactl execute counter -e 'return 3.5 + 5, 1/3, 2^0.5, 7 // 2, math.sin(1), _VERSION'"
saw $'^8\\.5\t0\\.33333333333333\t1\\.4142135623731\t3\t0\\.8414709848079\tLua 5\\.4$'
run 0 "kluactl execute counter -e 'n = (n or 0) + 1 return n'"
saw '^1$'
run 0 "kluactl execute counter -e 'n = (n or 0) + 1 return n'"
saw '^2$'

title "Functions, called with typed arguments; nothing is compiled at the call"
run 0 cat demo/shapes.lua
run 0 "kluactl execute shapes demo/shapes.lua"
run 0 "kluactl call shapes area.rectangle 3 4.5"
saw '^13\.5$'
run 0 "kluactl call shapes summary --args-json '[[{\"name\":\"door\",\"w\":1,\"h\":2},{\"name\":\"window\",\"w\":1.5,\"h\":1}]]'"
saw 'total = 3\.5'
saw '"door"'

title "print comes back to the caller, and goes to the kernel log under the state's name"
run 0 "kluactl execute shapes -e 'print(\"hello from\", \"the kernel\")'"
saw $'^hello from\tthe kernel$'
log 1
saw 'lunatik: \[shapes\] hello from'

title "An error has a message, a line and a traceback; the kernel does not care"
run 32 "kluactl call shapes area.rectangle 3"
saw "shapes\\.lua:[0-9]+: .*arithmetic on a nil value .local .height.."
saw '^stack traceback:'

title "A loop that never ends is ended by its budget, and pcall does not help it"
run 35 "kluactl execute counter --steps 10000000 -e 'while true do end'"
run 36 "kluactl execute counter --time 300 -e 'while true do pcall(function() while true do end end) end'"
run 34 "kluactl execute shapes -e 'local t = {} for i = 1, 1e9 do t[i] = i end'"
run 0 "kluactl execute counter -e 'return n'"
saw '^2$'

title "What is there"
run 0 "kluactl list"
saw '^counter '
saw '^shapes '

title "And away"
run 0 "kluactl delete counter shapes"
run 10 "kluactl execute counter -e 'return n'"
saw 'ERR_NO_STATE|no state has this name'

title "Remote calls: two servants of one interface, whose methods are functions of two kernel states"
run 0 cat demo/myobj1.lua
run 0 "kluactl create p1 && kluactl execute p1 demo/myobj1.lua"
run 0 "kluactl create p2 && kluactl execute p2 demo/myobj2.lua"
# The host's ports lead to the guest's address. Without a VM between there is only the loopback, and any port will do.
address=127.0.0.1 port1=0 port2=0
[[ $inside == "$outside" ]] || address=$LUNATIK_VM_ADDRESS port1=9001 port2=9002
start_daemon "${TMPDIR:-/tmp}/kluad.log"
run 0 "kluactl serve p1 demo/minhaInt.lua --object myobj1 --listen $address:$port1"
servant1=$(head -n 1 <<<"$output")
run 0 "kluactl serve p2 demo/minhaInt.lua --object myobj2 --listen $address:$port2"
servant2=$(head -n 1 <<<"$output")

if [[ $inside == "$outside" ]]; then
	title "The assignment's client calls them: in Lua with LuaSocket, and in TypeScript"
else
	title "The assignment's client calls them from outside the VM (host\$): in Lua with LuaSocket, and in TypeScript"
fi
programs=("node --import tsx demo/client.ts")
[[ ${LUNATIK_DEMO_LUA:-yes} == no ]] || programs=("lua5.4 demo/client.lua" "${programs[@]}")
for program in "${programs[@]}"; do
	# shellcheck disable=SC2086 # the program is words
	run_outside $program 127.0.0.1 "$(port_outside "$servant1")" "$(port_outside "$servant2")"
	saw '^8  alo alo$'
	saw '^-2  tchau$'
	saw '^10$'
	saw '^1$'
done
run 0 "kluactl servants"
calls=$((2 * ${#programs[@]}))
saw "^$servant1 +p1\\.myobj1 +minhaInt .* $calls +0\$"
saw "^$servant2 +p2\\.myobj2 +minhaInt .* $calls +0\$"
run 0 "kluactl list --dmesg"
log 3
saw 'lunatik: 2 states$'
saw "lunatik: state p1: memory [0-9]+/[0-9]+ bytes, $((1 + calls)) runs, idle\$"
saw "lunatik: state p2: memory [0-9]+/[0-9]+ bytes, $((1 + calls)) runs, idle\$"

stop_daemon
run 0 "kluactl delete p1 p2"

echo
if ((failures > 0)); then
	printf '%sThe demo failed: %d of %d checks.%s\n' "$red" "$failures" "$checks" "$plain"
	exit 1
fi
without=
[[ ${LUNATIK_DEMO_LUA:-yes} == yes ]] || without=' without its Lua client, which needs lua5.4 and LuaSocket'
printf '%sThe demo worked%s: %d checks passed.%s\n' "$green" "$without" "$checks" "$plain"
