#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# The main job: a detached CMS signature that anybody can verify.
. "$(dirname "$0")/lib.sh"

make_document F
expect_success openssl cms -sign -binary -in F -signer cmd: -inkey cmd: -outform DER -out F.p7s
openssl cms -verify -binary -inform DER -in F.p7s -content F -CAfile "$SMARTCMD_SANDBOX_CA" -purpose any -out /dev/null
plain openssl cms -verify -binary -inform DER -in F.p7s -content F -CAfile "$SMARTCMD_SANDBOX_CA" -purpose any \
  -out verified
cmp F verified

echo more >>F
expect_failure 'content verify error|digest failure' \
  openssl cms -verify -binary -inform DER -in F.p7s -content F -CAfile "$SMARTCMD_SANDBOX_CA" -purpose any -out /dev/null

# The chain in the signature, other hashes, content inside.
expect_success openssl storeutl -certs -out chain.pem 'cmd:type=chain'
for hash in sha384 sha512; do
  expect_success openssl cms -sign -binary -nodetach -md $hash -in F -signer cmd:joana -inkey cmd:joana \
    -certfile chain.pem -outform DER -out F.p7m
  plain openssl cms -verify -binary -inform DER -in F.p7m -CAfile "$SMARTCMD_SANDBOX_CA" -purpose any -out verified
  cmp F verified
done
