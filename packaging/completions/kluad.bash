# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Generated from the table of daemon/command_line.ts by npm run manual; edit that, or tools/manual/completion.ts.
_kluad() {
	local word=${COMP_WORDS[COMP_CWORD]}
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	--backend) mapfile -t COMPREPLY < <(compgen -W "kernel embedded" -- "$word") ;;
	--socket) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	--control) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	--group) mapfile -t COMPREPLY < <(compgen -g -- "$word") ;;
	--manifest) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	--log-level) mapfile -t COMPREPLY < <(compgen -W "fatal error warn info debug trace" -- "$word") ;;
	--log-format) mapfile -t COMPREPLY < <(compgen -W "auto json journal" -- "$word") ;;
	--metrics) mapfile -t COMPREPLY < <(true) ;;
	*) mapfile -t COMPREPLY < <(compgen -W "--backend --socket --control --group --manifest --log-level --log-format --metrics --metrics-anywhere -h --help --version" -- "$word") ;;
	esac
}
complete -F _kluad kluad
