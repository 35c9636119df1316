#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# Programs that use libp11: osslsigncode signs a program, openssl signs through the old engine.
. "$(dirname "$0")/p11_lib.sh"

certificates
make_document doc

make_windows_program program.exe
expect_one_signature osslsigncode sign -h sha256 -pkcs11module "$module" -certs chain.pem -key "$key" -in program.exe \
  -out signed.exe
expect_success osslsigncode verify -CAfile "$SMARTCMD_SANDBOX_CA" -in signed.exe
grep -q 'Signature verification: ok' out || fail "$(cat out)"

# The engine makes itself the default for RSA in the whole process.
export PKCS11_MODULE_PATH="$module"
expect_one_signature openssl dgst -engine pkcs11 -keyform engine -sha256 -sign "$key" -out signature doc
openssl dgst -sha256 -verify public.pem -signature signature doc
expect_one_signature openssl cms -sign -engine pkcs11 -keyform engine -binary -in doc -signer signer.pem -inkey "$key" \
  -certfile authorities.pem -outform DER -out doc.p7s
verify_cms DER doc.p7s doc
