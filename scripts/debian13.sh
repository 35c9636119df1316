#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Builds and runs every test on Debian 13, in a root of its own, which the next run uses again, also another checkout's:
# ~/.cache/smartcmd/debian13. The build is in build-debian13.
# Everything happens in namespaces of processes and mounts: when this ends, by itself or killed, nothing runs on and
# nothing stays mounted.
#
#   scripts/debian13.sh [OPTION OF meson test…]
set -eu
cd "$(dirname "$0")/.."

place=${XDG_CACHE_HOME:-$HOME/.cache}/smartcmd/debian13
root=$place/root
build=$PWD/build-debian13

main() {
  if [ "$(id -u)" -ne 0 ]; then
    echo "Only root can make a Debian 13 and change into it: sudo ./test debian13" >&2
    exit 1
  fi
  scripts/install-dependencies.sh debian13-host
  mkdir -p "$place"
  exec {lock}<"$place"
  flock --nonblock "$lock" || { echo "Waiting for another run in $place" >&2; flock "$lock"; }

  # A command in the background would ignore SIGINT and SIGQUIT, and so would the tests.
  env --default-signal=INT,QUIT setpriv --pdeathsig KILL \
    unshare --mount --pid --fork --kill-child --mount-proc scripts/debian13.sh --in-namespace "$@" {lock}<&- &
  # shellcheck disable=SC2064  # $! is this one
  trap "kill -KILL $!; exit 130" INT TERM HUP
  wait $!
}

in_namespace() {
  # Without the stamp it was never finished.
  if [ ! -f "$place/made" ]; then
    echo "Making a Debian 13 in $root"
    rm -rf "$root"
    make_root
    touch "$place/made"
  fi
  mount_parts
  cd "$root"
  # In a mere chroot nobody could make a user namespace, as some tests do.
  pivot_root . .
  umount --lazy .
  exec env --ignore-environment HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin TERM="${TERM-dumb}" \
    SMARTCMD_REQUIRED_TESTS="${SMARTCMD_REQUIRED_TESTS-}" /smartcmd/scripts/debian13.sh --in-root "$@"
}

make_root() {
  mirror=$(mirrors | sed 1q)
  debootstrap --variant=minbase trixie "$root" ${mirror:+"$mirror"} >"$place/debootstrap.log" ||
    { tail -n 20 "$place/debootstrap.log" >&2; exit 1; }
  # A root that can be made anew need not survive a power cut, and nobody reads here.
  printf '%s\n' force-unsafe-io path-exclude=/usr/share/{doc,info,locale,man}/\* >"$root/etc/dpkg/dpkg.cfg.d/smartcmd"
  mkdir "$root/smartcmd" "$root/build"
}

# Where this machine's apt has Debian from, in either format of its sources
mirrors() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null |
    sed -nE 's@^(deb\s[^#]*|URIs:[^#]*)\b(https?://\S+/debian)/?(\s.*)?$@\2@p'
}

mount_parts() {
  mkdir -p "$build"
  cp --dereference /etc/resolv.conf /etc/hosts "$root/etc/"
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/tmp"
  mount --bind --options ro . "$root/smartcmd"
  mount --bind "$build" "$root/build"
}

in_root() {
  scripts/install-dependencies.sh debian13
  scripts/build.sh /build -Dwerror=true
  scripts/run-tests.sh /build "$@"
}

case ${1-} in
  --in-namespace) shift; in_namespace "$@" ;;
  --in-root) shift; in_root "$@" ;;
  *) main "$@" ;;
esac
