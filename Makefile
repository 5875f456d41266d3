# SPDX-License-Identifier: MIT
#
# Only names for what the scripts in tools/, test/ and demo/ do. (kbuild reads Kbuild, not this file.)
#
#   make                 lunatik.ko for KDIR: the running kernel unless set; where it has no headers, the newest that has
#   make KDIR=FOLDER     for other kernel headers
MAKEFLAGS += --no-print-directory
KDIR ?=
export KDIR

SUITES := lint unit spec cli luarpc daemon install engine shim differential behaviour hostile torture fuzz module vm debug

.PHONY: module
module: ## build lunatik.ko (fetches Lua; names what is missing)
	@tools/build-module

.PHONY: client
client: ## install the npm packages and compile kluactl
	@tools/install client

.PHONY: embedded
embedded: ## build the embedded backend: the module as an ordinary program
	@tools/install --check embedded
	@tools/fetch-sources
	@$(MAKE) -C kmod/embedded

.PHONY: demo
demo: ## see it work: installs what is missing, boots a VM, runs Lua in its kernel
	@demo/run

.PHONY: test
test: ## run every suite
	@test/run

.PHONY: $(SUITES:%=test-%)
$(SUITES:%=test-%): ## run one suite
	@test/run $(@:test-%=%)

.PHONY: coverage
coverage: ## which lines the suites reach that need no kernel; fails below the aims
	@test/coverage/run

TIME ?= 60
TARGET ?=
.PHONY: fuzz
fuzz: ## fuzz for TIME seconds (60); TARGET= names one: request value number chunk operations
	@test/fuzz/run --time $(TIME) $(TARGET)

.PHONY: bench
bench: embedded ## measure; SECTIONS="luarpc" for some of it
	@bench/run $(SECTIONS)

.PHONY: test-kernels
test-kernels: ## the vm suite on 6.1, 6.12 and 6.12-rt, and the table in the README
	@test/vm/matrix

.PHONY: vm
vm: ## a root shell in a VM with the module loaded; its ports 9001 and 9002 can be reached from the host
	@tools/install module vm
	@tools/build-module
	@test/vm/run --interactive --forward 9001 --forward 9002 -- test/vm/shell

.PHONY: lint
lint: test-lint ## formatting, lint, types

.PHONY: install
install: modules_install install_tools ## install it all (root)

.PHONY: modules_install
modules_install: module ## install the module for the kernel it was built for (root)
	$(MAKE) -C $$(tools/find-headers) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) modules_install
	depmod $(if $(DESTDIR),-b $(DESTDIR)) $$(modinfo -F vermagic lunatik.ko | cut -d' ' -f1)

.PHONY: install_tools
install_tools: client ## install kluactl, kluad, luarpc, their manuals, systemd units (PREFIX, DESTDIR)
	@tools/install-files

.PHONY: clean
clean: ## remove what was built (the cache of downloads stays)
	@tools/clean

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z][a-z_ -]*\):.*## /  make \1	/p' Makefile | expand -t 32
	@echo "  make test-SUITE               one suite: $(SUITES)"
