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

title() {
	printf '\n%s# %s%s\n' "$bold" "$*" "$plain"
}

failed() {
	failures=$((failures + 1))
	printf '%sFAILED: %s%s\n' "$red" "$*" "$plain"
}

# Prints a command as one would type it, runs it, and checks its exit code.
run() { # exit-code command
	local wanted=$1 status
	shift
	printf '%s$ %s%s\n' "$bold" "$*" "$plain"
	output=$(eval "$*" 2>&1)
	status=$?
	printf '%s\n' "$output"
	checks=$((checks + 1))
	[[ $status == "$wanted" ]] || failed "exit code $status instead of $wanted"
}

# Checks that the last command printed a line that matches.
saw() { # extended-regular-expression
	checks=$((checks + 1))
	grep -qE -e "$1" <<<"$output" || failed "no line matches: $1"
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
	title "A Linux kernel, and a module with Lua in it"
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

title "What is there, for people and for the kernel log"
run 0 "kluactl list"
saw '^counter '
saw '^shapes '
run 0 "kluactl list --dmesg"
log 3
saw 'lunatik: 2 states'
saw 'lunatik: state shapes: '

title "And away"
run 0 "kluactl delete counter shapes"
run 10 "kluactl execute counter -e 'return n'"
saw 'ERR_NO_STATE|no state has this name'

echo
if ((failures > 0)); then
	printf '%sThe demo failed: %d of %d checks.%s\n' "$red" "$failures" "$checks" "$plain"
	exit 1
fi
printf '%sThe demo worked: %d checks passed.%s\n' "$green" "$checks" "$plain"
