#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# GnuTLS finds the token without being told where, and signs with it.
. "$(dirname "$0")/p11_lib.sh"

expect_no_question p11tool --list-tokens
grep -q 'Label: Joana' out || fail "no token: $(cat out)"
expect_no_question p11tool --provider="$module" --list-all pkcs11:token=Joana
for type in 'X.509 Certificate' 'Public key' 'Private key'; do
  grep -q "Type: $type" out || fail "no $type: $(cat out)"
done
expect_no_question p11tool --list-mechanisms pkcs11:token=Joana
expect_no_question p11tool --export-chain 'pkcs11:token=Joana;object=Joana;type=cert'
[ "$(grep -c BEGIN out)" -eq 3 ] || fail "no whole chain: $(cat out)"

for hash in SHA256 SHA384 SHA512; do
  expect_one_signature p11tool --test-sign "$key" --hash=$hash
done

certificates
make_document doc
expect_one_signature certtool --p7-sign --load-privkey "$key" --load-certificate chain.pem --infile doc --outfile doc.p7
verify_cms PEM doc.p7
certtool --p7-verify --load-ca-certificate "$SMARTCMD_SANDBOX_CA" --infile doc.p7
expect_one_signature certtool --p7-detached-sign --p7-time --hash SHA512 --load-privkey "$key" --load-certificate chain.pem \
  --infile doc --outfile doc.p7
verify_cms PEM doc.p7 doc
echo more >>doc
if verify_cms PEM doc.p7 doc 2>/dev/null; then fail "another document verifies"; fi

echo 'cn = "Joana"' >template
expect_one_signature certtool --generate-request --template template --load-privkey "$key" --outfile request.pem
openssl req -in request.pem -verify -noout

# With a PIN the certificates are there for everybody; where the person gives it elsewhere, a program that lists need not
# know, and finds the key too.
edit_configuration '/^\[account /a login=pin'
expect_no_question p11tool --provider="$module" --list-all pkcs11:token=Joana
grep -q 'Type: X.509 Certificate' out || fail "no certificate: $(cat out)"
if grep -q 'Type: Private key' out; then fail "a private key: $(cat out)"; fi
edit_configuration '/^\[account /a login=protected'
expect_no_question p11tool --provider="$module" --list-all pkcs11:token=Joana
grep -q 'Type: X.509 Certificate' out || fail "no certificate: $(cat out)"
expect_no_question p11tool --provider="$module" --login --list-all pkcs11:token=Joana </dev/null
grep -q 'Type: Private key' out || fail "no key: $(cat out)"
expect_one_signature p11tool --provider="$module" --login --test-sign "$key"

# The PIN of the program comes first; a wrong one fails with a sentence for a person.
edit_configuration '/^\[account /a login=pin'
GNUTLS_PIN=000000 expect_failure 'PKCS #11 error' p11tool --provider="$module" --login --test-sign "$key"
grep -q 'C_Sign: .*PIN' module.log || fail "no sentence: $(cat module.log)"
count_questions
: >asked
GNUTLS_PIN=$SMARTCMD_SANDBOX_PIN expect_success p11tool --provider="$module" --login --test-sign "$key"
[ "$(cat asked)" = otp ] || fail "asked: $(cat asked)"
