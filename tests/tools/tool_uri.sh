#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# The URIs that smartcmd prints are those that p11tool prints and that OpenSSL reads. The argument is smartcmd.
smartcmd=$1
. "$(dirname "$0")/lib.sh"

p11() { OPENSSL_CONF=/dev/null p11tool --provider "$SMARTCMD_PKCS11_MODULE" --only-urls "$@"; }

# An account with a label that needs each kind of escape
edit_configuration 's|^label=Tiago$|label=João: & filhos, S.A.|'
for account in joana tiago; do
  expect_success "$smartcmd" uri "$account"
  grep -o 'pkcs11:.*' out | sort >ours
  token=$(grep -v ';object=' ours)
  p11 --list-token-urls | grep -qxF "$token" || fail "p11tool knows no $token: $(p11 --list-token-urls)"
  p11 --list-all "$token" >all
  p11 --list-all-privkeys "$token" >>all
  signer=$(sed -n 's/.*\(;id=[^;]*\);.*type=private$/\1/p' all | head -n 1)
  { echo "$token" && grep -F "$signer" all; } | sort -u | diff - ours || fail "p11tool prints others"

  grep -o 'cmd:.*' out >ours
  [ "$(wc -l <ours)" -eq 5 ] || fail "cmd: URIs are missing: $(cat out)"
  while read -r uri; do
    expect_success openssl storeutl -noout -text "$uri" </dev/null
  done <ours
done

expect_success "$smartcmd" uri
grep -q 'cmd:joana$' out || fail "the default account was not taken: $(cat out)"
expect_failure "no account 'nobody'" "$smartcmd" uri nobody
expect_failure 'One account at a time' "$smartcmd" uri joana tiago
edit_configuration 's|^state-directory=.*|state-directory=/nowhere|'
expect_failure 'smartcmd enrol joana' "$smartcmd" uri joana
