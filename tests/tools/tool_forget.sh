#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# smartcmd forget removes what it says and nothing else. The argument is smartcmd.
smartcmd=$1
. "$(dirname "$0")/lib.sh"

mkdir state
for account in joana tiago; do
  cp "$(dirname "$sandbox_configuration")/state/$account.pem" state
done
edit_configuration "s|^state-directory=.*|state-directory=$dir/state|; 1i # a word of mine"
cp smartcmd.conf before

expect_failure 'Say which account' "$smartcmd" forget
expect_failure 'Nothing was removed' "$smartcmd" forget joana </dev/null
echo n | expect_failure 'Nothing was removed' "$smartcmd" forget joana
[ -e state/joana.pem ] || fail 'certificates were removed without a yes'

echo y | expect_success "$smartcmd" forget joana
grep -q 'stay at the service' out || fail "it does not say what stays: $(cat out)"
[ ! -e state/joana.pem ] || fail 'the certificates are still there'
[ -e state/tiago.pem ] || fail "another account's certificates are gone"
cmp -s before smartcmd.conf || fail 'the configuration was changed'
expect_success "$smartcmd" list
grep -q 'not enrolled: smartcmd enrol joana' out || fail "$(cat out)"
expect_success "$smartcmd" forget --yes joana

# The account too, and nothing else of the configuration
expect_success "$smartcmd" forget joana --all --yes
grep -q '^# a word of mine' smartcmd.conf || fail 'a comment is lost'
sed '/^\[account joana\]/,/^$/d; /^default-account=/d' before | grep -v '^$' >expected
grep -v '^$' smartcmd.conf | diff expected - || fail 'the configuration has changed elsewhere'
expect_failure "no account 'joana'" "$smartcmd" show joana
expect_success "$smartcmd" show tiago
[ "$(stat -c %a smartcmd.conf)" = 600 ] || fail 'others may read the configuration'
