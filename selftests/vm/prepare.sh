# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What demo and shell do first: packages, module, companion, cast.

build_module() { "$VM/build" "$KVER" > "$BUILD/demo.ko"; }
build_companion() { make -C "$TOP/userspace" -j"$(nproc)" && make -C "$TOP/userspace/man"; }
build_cast() { gcc -O2 -Wall -pthread -o "$BUILD/cast" "$VM/cast.c"; }

prepare() {
	KVER=${KVER:-6.1}
	export KVER
	is_one_of "$KVER" "$BOOT_KERNELS" || die "KVER=$KVER is not one of: $BOOT_KERNELS"
	"$VM/packages" "$KVER"
	mkdir -p "$BUILD"
	stage "build the module for Linux $(kernel_release "$KVER")" "$BUILD/log/demo-module" build_module
	stage "build the companion and its manual pages" "$BUILD/log/demo-cli" build_companion
	[ "$BUILD/cast" -nt "$VM/cast.c" ] || stage "build the cast of the tour" "$BUILD/log/demo-cast" build_cast
	MODULE=$(cat "$BUILD/demo.ko")
}
