#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# p11-kit beside a card, traced, and with the isolated module left alone (p11_remote.sh uses it).

# p11-kit reads no configuration of root's own, and the system's is everybody's: root becomes somebody else.
if [ "$(id -u)" -eq 0 ]; then
  unshare --user --map-user=1000 true || { echo 'skipped: root cannot be somebody else here'; exit 77; }
  exec unshare --user --map-user=1000 sh "$0"
fi
. "$(dirname "$0")/p11_lib.sh"

export XDG_CONFIG_HOME="$dir/config" SOFTHSM2_CONF="$dir/softhsm2.conf"
softhsm=$(find /usr/lib -name libsofthsm2.so | head -1)
mkdir -p config/pkcs11/modules tokens
echo 'user-config: only' >config/pkcs11/pkcs11.conf
echo "module: $module" >config/pkcs11/modules/smartcmd.module
echo "module: $softhsm" >config/pkcs11/modules/card.module
certificates
make_document doc

# SoftHSM stands in for the card.
echo "directories.tokendir = $dir/tokens" >softhsm2.conf
softhsm2-util --init-token --free --label Card --so-pin 0000 --pin 1234
card='--token-label Card --login --pin 1234'
# shellcheck disable=SC2086  # $card is several words, here and below
pkcs11-tool --module "$softhsm" $card --keypairgen --key-type rsa:2048 --id 01 --label card
# shellcheck disable=SC2086
pkcs11-tool --module "$softhsm" $card --read-object --type pubkey --id 01 -o card.der

# Both tokens from one library, and signatures by either
proxy=$(pkg-config --variable=proxy_module p11-kit-1)
expect_no_question pkcs11-tool --module "$proxy" -L
for token in Joana Card; do
  grep -q "token label *: $token" out || fail "no token $token: $(cat out)"
done
expect_one_signature pkcs11-tool --module "$proxy" --token-label Joana -s -m SHA256-RSA-PKCS -i doc -o signature
openssl dgst -sha256 -verify public.pem -signature signature doc
# shellcheck disable=SC2086
expect_no_question pkcs11-tool --module "$proxy" $card -s -m SHA256-RSA-PKCS -i doc -o signature
openssl dgst -sha256 -verify card.der -keyform DER -signature signature doc

# Found without a path, and traced
echo 'log-calls: yes' >>config/pkcs11/modules/smartcmd.module
expect_one_signature p11tool --test-sign "$key"
grep -q C_SignInit err || fail "no trace: $(cat err)"

# The isolated module is there for those who ask for it, and for nobody else.
mv config/pkcs11/modules/smartcmd.module .
sed "s|@PATH@|$module|" "$here/../../conf/smartcmd-isolated.module" >config/pkcs11/modules/smartcmd-isolated.module
expect_no_question p11-kit list-modules
if grep -q Joana out; then fail "the isolated module is enabled: $(cat out)"; fi
