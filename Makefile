# SPDX-License-Identifier: GPL-2.0
# Delegation only: the module is described by Kbuild, the companion by userspace/Makefile, the rest by scripts.
KDIR ?= /lib/modules/$(shell uname -r)/build
KVER ?= 6.1
PREFIX ?= /usr/local
export KVER PART

all: module cli						## module and companion (the default)

module:							## pcbscope.ko at the top; KDIR=<kernel build folder>
	@selftests/vm/module $(KDIR)

cli:							## userspace/pcbscope
	@$(MAKE) --no-print-directory -C userspace

load:							## insert pcbscope.ko into the running kernel (root)
	@selftests/vm/load insert

unload:							## remove it (root)
	@selftests/vm/load remove

install: cli						## companion, manual pages, completion; PREFIX=, DESTDIR=
	@$(MAKE) --no-print-directory -C userspace install PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)"

uninstall:						## remove them again
	@$(MAKE) --no-print-directory -C userspace uninstall PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)

dkms-install:						## register the module with DKMS, build and install it (root)
	@selftests/vm/dkms install

dkms-uninstall:						## take it out of DKMS again (root)
	@selftests/vm/dkms uninstall

packages:						## install every Debian package that the targets here need (root)
	@selftests/vm/packages

debug-kernel:						## the kernel of `make check` that sees bugs: 20 minutes, once
	@selftests/vm/debug/kernel

demo:							## a tour of the module in a virtual machine; KVER=6.1, 6.12, 6.12-rt, 7.3
	@selftests/vm/demo

shell:							## a shell in that machine, with the module inserted
	@selftests/vm/shell

check:							## every test; KVER=all on every kernel; the last line counts
	@selftests/vm/check

check-long:						## every test, with full counts; PART="NAME..." some of them
	@selftests/vm/check-long

soak:							## repeat the hardest tests on the running kernel (root); SECONDS=86400
	@selftests/soak $(SECONDS)

style:							## checkpatch, sparse, forbidden calls
	@selftests/style/style

# The strongest rival, the open-coded BPF iterator, needs 6.12.
bench: export KVER := $(if $(filter file,$(origin KVER)),6.12,$(KVER))
bench:							## measurements beside procfs, ps and BPF; KVER=6.12
	@selftests/bench/run

clean:							## remove what was built (the cache stays)
	@selftests/vm/clean

help:							## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: all module cli load unload install uninstall dkms-install dkms-uninstall packages debug-kernel demo shell check check-long \
	soak style bench clean help
