#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# smartcmd show says what openssl says of the certificates. The argument is smartcmd.
smartcmd=$1
. "$(dirname "$0")/lib.sh"

expect_success "$smartcmd" show joana
mv out shown
grep -q 'Label  *Joana$' shown || fail "no label: $(cat shown)"
grep -q "local (https://127.0.0.1:" shown || fail "no service: $(cat shown)"
! grep -q '91 *0 *0 *0' shown || fail "the phone number is shown: $(cat shown)"

openssl storeutl -certs 'cmd:account=joana;type=cert' >signer.pem
for what in -fingerprint -serial; do
  openssl x509 -in signer.pem -noout "$what" -sha256 | sed 's/.*=//; s/://g' >expected
  tr -d : <shown | grep -qF "$(cat expected)" || fail "no $what $(cat expected): $(cat shown)"
done
bits=$(openssl x509 -in signer.pem -noout -text | sed -n 's/.*Public-Key: (\([0-9]*\) bit)/\1/p')
grep -q "RSA, $bits bits" shown || fail "not $bits bits: $(cat shown)"
[ "$(grep -c '^Authority' shown)" -eq "$(grep -c 'BEGIN' "$SMARTCMD_SANDBOX_CA")" ] || fail "$(cat shown)"

"$smartcmd" uri joana | grep -o '[a-z0-9]*:.*' | while read -r uri; do
  grep -qF "$uri" shown || fail "no $uri: $(cat shown)"
done

expect_success "$smartcmd" show
grep -q 'Name  *joana' out || fail "the default account is not shown: $(cat out)"
expect_failure "no account 'nobody'" "$smartcmd" show nobody

# What is shown has to arrive.
for command in list show uri key-file java-config --help --version; do
  expect_failure 'could not be written' sh -c "'$smartcmd' $command >/dev/full"
done
