# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the lab's scripts share: where things are, how a message looks, how a cache entry is made.
set -euo pipefail
export LC_ALL=C

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
VM=$TOP/selftests/vm
: "${HOME:=$(getent passwd "$(id -u)" | cut -d: -f6)}"
export HOME
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/pcbscope
BUILD=$TOP/build
# Built and booted by every check; those that `make check KVER=all` adds are built in ./chroot; all that can boot; all.
KERNELS="6.1 6.12"
BUILD_KERNELS="5.10 6.12-rt 7.3 arm64"
BOOT_KERNELS="6.1 6.12 6.12-rt 7.3 debug"
ALL_KERNELS="$KERNELS $BUILD_KERNELS debug"
export TOP VM CACHE BUILD KERNELS BUILD_KERNELS BOOT_KERNELS ALL_KERNELS

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }

# stage TEXT LOG COMMAND...: one progress line with its seconds; the output goes to LOG, whose end is shown on failure.
stage() {
	local text=$1 log=$2 start=$SECONDS status=0
	shift 2
	mkdir -p "$(dirname "$log")"
	printf '  %-58s ' "$text" >&2
	"$@" > "$log" 2>&1 < /dev/null || status=$?
	if [ "$status" = 0 ]; then
		say "ok $((SECONDS - start)) s"
	else
		say "FAILED (status $status) $((SECONDS - start)) s"
		tail -n 25 "$log" | sed 's/^/    | /' >&2
		say "    whole log: $log"
	fi
	return "$status"
}

# cache_make KIND KEY COMMAND...: print the folder of a cache entry. Where it is missing, COMMAND fills a temporary
# folder (its current one) that is then renamed: what was interrupted half-way never carries the entry's name.
cache_make() {
	local kind=$1 dir=$CACHE/$1/$2 tmp
	shift 2
	if [ ! -d "$dir" ]; then
		mkdir -p "$CACHE/$kind" && [ -w "$CACHE/$kind" ] ||
			die "cannot write to $CACHE/$kind; make room there, or set XDG_CACHE_HOME"
		exec 8> "$CACHE/$kind/.lock"
		flock 8
		if [ ! -d "$dir" ]; then
			# Nobody else is making one now: what is there was left by somebody who was killed.
			rm -rf "$CACHE/$kind"/.making.*
			tmp=$(mktemp -d "$CACHE/$kind/.making.XXXXXX") && [ -n "$tmp" ] || die "cannot write to $CACHE/$kind"
			if ! (cd "$tmp" && "$@") >&2; then
				rm -rf "$tmp"
				exec 8>&-
				return 1
			fi
			chmod 755 "$tmp"
			mv -T "$tmp" "$dir" || die "cannot write to $CACHE/$kind"
		fi
		exec 8>&-
	fi
	printf '%s\n' "$dir"
}

# headers_package KVER: the Debian metapackage whose dependency names the newest kernel of that series.
headers_package() {
	local arch
	arch=$(dpkg --print-architecture)
	case $1 in
	6.1) echo "linux-headers-$arch" ;;
	*) echo "linux-headers-$1-$arch" ;;
	esac
}

# is_one_of WORD LIST
is_one_of() { case " $2 " in *" $1 "*) ;; *) return 1 ;; esac; }

# The cached folder of the tree that ./chroot made, if any.
chroot_cached() { find "$CACHE/chroot" -mindepth 1 -maxdepth 1 -name '*_*' 2>/dev/null | sort -V | tail -n 1 || true; }

# unpacked KVER: release and Debian version of the headers that ./chroot unpacked.
unpacked() { cat "$(chroot_cached)/tree/kernels/$1/release" 2>/dev/null; }

# kernel_release KVER: the release the installed headers metapackage depends on, for example 6.1.0-12-amd64.
kernel_release() {
	local release version
	[ "$1" != debug ] || { cat "$("$VM/debug/kernel" --cached)/release" 2>/dev/null; return; }
	if is_one_of "$1" "$BUILD_KERNELS"; then
		read -r release version < <(unpacked "$1") && echo "$release"
		return
	fi
	release=$(dpkg-query -W -f '${Depends}' "$(headers_package "$1")" 2>/dev/null |
		sed -n 's/^linux-headers-\([^ ,]*\).*/\1/p')
	case $release in
	"$1".* | "$1"-*) echo "$release" ;;
	*) return 1 ;;
	esac
}

# kernel_version KVER: the Debian version of those headers; the image has to be the same one.
kernel_version() {
	local release version
	if is_one_of "$1" "$BUILD_KERNELS"; then
		read -r release version < <(unpacked "$1") && echo "$version"
		return
	fi
	release=$(kernel_release "$1") || return 1
	dpkg-query -W -f '${Version}\n' "linux-headers-$release" 2>/dev/null
}
