#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Builds into a directory under the source tree, which it sets up where it is new, with the prefix that packages have, so that
# the tests can try an installation. Without a target: everything.
#
#   scripts/build.sh DIRECTORY [-DOPTION=VALUE…] [TARGET…]
set -eu
cd "$(dirname "$0")/.."

directory=$1
shift
options=()
while [[ ${1-} == -D* ]]; do
  options+=("$1")
  shift
done

configure() {
  told=$("$@" 2>&1) || { echo "$told" >&2; exit 1; }
}
if [ ! -f "$directory/build.ninja" ]; then
  echo "Looking for what is needed to build…"
  configure meson setup "$directory" --prefix=/usr "${options[@]}"
elif [ ${#options[@]} -gt 0 ]; then
  configure meson configure "$directory" "${options[@]}"
fi
ninja -C "$directory" "$@"
