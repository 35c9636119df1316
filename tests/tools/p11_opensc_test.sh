#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# pkcs11-tool's own test of a token. It wants SHA-1, which no service should sign with: the fake agent does.
#
#   p11_opensc_test.sh MODULE FAKE-AGENT MAKE-IDENTITY
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
module=$1
export SMARTCMD_AGENT="$2" SMARTCMD_CONFIG="$dir/smartcmd.conf" SMARTCMD_ASKPASS="$dir/askpass" \
  SMARTCMD_FAKE_KEY="$dir/key.pem" SMARTCMD_FAKE_CHAIN="$dir/chain.pem" SMARTCMD_FAKE_LOG="$dir/log"
"$3" "$dir"
mkdir "$dir/state"
cp "$dir/chain.pem" "$dir/state/joana.pem"
printf '#!/bin/sh\necho 123456\n' >"$dir/askpass"
chmod 700 "$dir/askpass"
cat >"$dir/smartcmd.conf" <<END
[smartcmd]
state-directory=$dir/state
[service fake]
endpoint=https://127.0.0.1/
application-id=00000000-0000-0000-0000-000000000000
username=test
password-file=password
encryption-certificate=encryption.pem
hashes=SHA1, SHA224, SHA256, SHA384, SHA512, RIPEMD160
[account joana]
service=fake
user-id=+351 910000000
END

pkcs11-tool --module "$module" -t --allow-sw >"$dir/out" 2>&1
cat "$dir/out"
tail -1 "$dir/out" | grep -qx 'No errors'
pkcs11-tool --module "$module" --test-fork

# Every mechanism that hashes and signs, with openssl as the judge; p11_opensc.sh has those of a DigestInfo.
openssl x509 -in "$dir/chain.pem" -noout -pubkey >"$dir/public.pem"
pkcs11-tool --module "$module" -M | sed -n 's/^ *\([A-Z0-9]*\)-RSA-PKCS, .*sign.*/\1/p' >"$dir/hashes"
[ "$(sort "$dir/hashes" | tr '\n' ' ')" = 'RIPEMD160 SHA1 SHA224 SHA256 SHA384 SHA512 ' ]
while read -r hash; do
  pkcs11-tool --module "$module" --sign -m "$hash-RSA-PKCS" -i "$0" -o "$dir/signature"
  openssl dgst "-$hash" -verify "$dir/public.pem" -signature "$dir/signature" "$0"
done <"$dir/hashes"
