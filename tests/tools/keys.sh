#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# Certificates and keys through the store, and bare signatures.
. "$(dirname "$0")/lib.sh"

# Looking asks no service and no person.
real=$SMARTCMD_CONFIG
edit_configuration 's|^endpoint=.*|endpoint=https://127.0.0.1:1/|'
askpass 'exit 1'
expect_success openssl storeutl -certs -out cert.pem cmd:
expect_success openssl x509 -in cmd: -noout -subject
grep -q 'CN *= *Joana' out
expect_success openssl pkey -pubin -in cmd: -out pub.pem
plain openssl x509 -in cert.pem -pubkey -noout | cmp - pub.pem
expect_success openssl storeutl -noout cmd:
export SMARTCMD_CONFIG="$real"
unset SMARTCMD_ASKPASS

make_document F
for hash in sha256 sha384 sha512; do
  expect_success openssl dgst -$hash -sign cmd: -out F.sig F
  plain openssl dgst -$hash -verify pub.pem -signature F.sig F

  plain openssl dgst -$hash -binary -out F.$hash F
  expect_success openssl pkeyutl -sign -inkey cmd: -pkeyopt digest:$hash -in F.$hash -out F.sig
  plain openssl pkeyutl -verify -pubin -inkey pub.pem -pkeyopt digest:$hash -in F.$hash -sigfile F.sig
done

# What the key cannot do, and what the configuration does not allow.
expect_failure '[Pp][Ss][Ss]' openssl pkeyutl -sign -inkey cmd: -pkeyopt digest:sha256 -pkeyopt rsa_padding_mode:pss \
  -in F.sha256 -out no.sig
expect_failure '.' openssl pkeyutl -sign -inkey cmd: -pkeyopt rsa_padding_mode:none -in F.sha256 -out no.sig
expect_failure 'SHA-?1' openssl dgst -sha1 -sign cmd: -out no.sig F
[ ! -s no.sig ] || fail 'output was written'
