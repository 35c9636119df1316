#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# Programs that use libp11: osslsigncode signs a program, openssl signs through the old engine.
. "$(dirname "$0")/p11_lib.sh"

certificates
make_document doc

# The smallest thing that is a Windows program: headers and one section
python3 - <<'END'
from struct import pack
dos = b"MZ" + bytes(58) + pack("<I", 64)
coff = pack("<HHIIIHH", 0x14C, 1, 0, 0, 0, 224, 0x102)
optional = pack("<HBBIIIIII", 0x10B, 0, 0, 512, 0, 0, 0x1000, 0x1000, 0x2000)
optional += pack("<III6HIIIIHHIIIIII", 0x400000, 0x1000, 512, 4, 0, 0, 0, 4, 0, 0, 0x2000, 512, 0, 3, 0, 0x100000, 0x1000,
                 0x100000, 0x1000, 0, 16) + bytes(128)
section = b".text\0\0\0" + pack("<6IHHI", 512, 0x1000, 512, 512, 0, 0, 0, 0, 0x60000020)
headers = dos + b"PE\0\0" + coff + optional + section
open("program.exe", "wb").write(headers.ljust(512, b"\0") + b"\xc3".ljust(512, b"\0"))
END
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
