#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# A set-user-ID program does not do what the environment of whoever starts it says. Only root can make one.
[ "$(id -u)" -eq 0 ] || { echo 'skipped: this is not root'; exit 77; }
. "$(dirname "$0")/lib.sh"

stranger() { setpriv --reuid=65534 --regid=65534 --clear-groups env -u SMARTCMD_CONFIG "$@"; }
privileged() {
  cp "$(command -v "$1")" "$2"
  chmod 4755 "$2"
}

privileged id who
chmod 711 "$dir"
[ "$(stranger "$dir/who" -u)" = 0 ] || { echo 'skipped: no program can be set-user-ID here'; exit 77; }

# The stranger has an account and programs of his own.
mkdir -p home/.config/smartcmd
sed 's/^\[account joana]/[account mallory]/; /^default-account/d' "$sandbox_configuration" >home/.config/smartcmd/smartcmd.conf
chown -R 65534 home
list="--provider=$SMARTCMD_PKCS11_MODULE --list-tokens"

# shellcheck disable=SC2086  # an option each
expect_success stranger HOME="$dir/home" p11tool $list
grep -q 'Label: smartcmd enrol mallory' out || fail "the stranger has no token of his own: $(cat out)"
privileged p11tool tool
for variable in "HOME=$dir/home" "XDG_CONFIG_HOME=$dir/home/.config" \
  "SMARTCMD_CONFIG=$dir/home/.config/smartcmd/smartcmd.conf"; do
  # shellcheck disable=SC2086
  expect_success stranger "$variable" "$dir/tool" $list
  if grep -q 'Label: smartcmd enrol mallory' out; then fail "trusted $variable"; fi
done
