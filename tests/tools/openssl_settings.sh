#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# The file to include in an openssl.cnf, the parameters of its section, and the PIN that a command gives. There is no
# terminal here.
. "$(dirname "$0")/lib.sh"

module=$(sed -n 's/^module *= *//p' "$OPENSSL_CONF" | grep smartcmd)
account=$(sed -n 's/^default-account=//p' "$SMARTCMD_CONFIG")
second=$(sed -n 's/^\[account \(.*\)\]$/\1/p' "$SMARTCMD_CONFIG" | grep -vx "$account")
make_document doc

# use LINE: Debian's openssl.cnf and our file, with that line at its end, in our section
use() {
  sed "s|^module = .*|module = $module|" "${module%/provider/smartcmd.so}/conf/openssl-smartcmd.cnf" >smartcmd.cnf
  echo "$1" >>smartcmd.cnf
  { cat /etc/ssl/openssl.cnf; echo ".include $dir/smartcmd.cnf"; } >openssl.cnf
  export OPENSSL_CONF="$dir/openssl.cnf"
}

certificate() {
  expect_success openssl x509 -in "$1" -out "$2.pem"
  cat "$2.pem"
}

# ---- our section ----------------------------------------------------------------------------------------------------

use ''
expect_success openssl list -providers
grep -q 'OpenSSL Default Provider' out || fail "$(cat out)"
grep -q 'SmartCMD' out || fail "$(cat out)"
[ "$(certificate cmd: one)" = "$(certificate "cmd:$account" same)" ] || fail 'cmd: is not the default account'

use "account = $second"
[ "$(certificate cmd: one)" = "$(certificate "cmd:$second" same)" ] || fail 'account = is not heeded'
[ "$(certificate cmd: one)" != "$(certificate "cmd:$account" other)" ] || fail 'both accounts are one'

use "config = $SMARTCMD_CONFIG"
(
  export SMARTCMD_CONFIG=/nowhere
  expect_success openssl x509 -in cmd: -noout
  count_questions
  expect_success openssl dgst -sha256 -sign cmd: -out doc.sig doc
)

use "log = $dir/our.log"
expect_failure "no account 'maria'" openssl x509 -in cmd:maria -noout
grep -q "no account 'maria'" our.log || fail 'log = is not heeded'

# ---- what we load ----------------------------------------------------------------------------------------------------

# It comes from beside the module, whatever is in the way elsewhere, and however the module is named.
mkdir library link
echo 'no library' >library/smartcmd-provider.so
ln -s "$module" link/smartcmd.so
use ''
expect_success env LD_LIBRARY_PATH="$dir/library" openssl x509 -in cmd: -noout
expect_success env OPENSSL_CONF=/dev/null openssl x509 -provider-path link -provider smartcmd -provider default -in cmd: -noout
cp "$module" library/smartcmd.so
expect_failure 'SmartCMD is not completely installed: .*library/smartcmd-provider.so' env OPENSSL_CONF=/dev/null openssl x509 \
  -provider-path library -provider smartcmd -provider default -in cmd: -noout

# ---- the PIN by -passin ---------------------------------------------------------------------------------------------

use ''
pin=$("$answer" pin)
echo "$pin" >pin
chmod 600 pin
count_questions

# asks WORDS COMMAND…: succeeds, and the person was asked for these
asks() {
  words=$1
  shift
  : >asked
  expect_success setsid --wait "$@" </dev/null
  [ "$(tr '\n' ' ' <asked)" = "$words" ] || fail "asked '$(tr '\n' ' ' <asked)', not '$words', by: $*"
}

asks 'otp ' openssl dgst -sha256 -sign cmd: -passin "pass:$pin" -out doc.sig doc
asks 'otp ' openssl pkeyutl -sign -rawin -digest sha384 -inkey cmd: -passin "file:$dir/pin" -in doc -out doc.sig
asks 'otp ' openssl cms -sign -binary -in doc -signer cmd: -inkey cmd: -passin "pass:$pin" -outform DER -out doc.p7s
asks 'otp ' openssl smime -sign -in doc -signer cmd: -inkey cmd: -passin "pass:$pin" -out doc.eml
asks 'otp ' openssl req -new -key cmd: -subj '/CN=Joana' -passin "pass:$pin" -out request.pem
asks 'otp ' openssl x509 -req -in request.pem -CA cmd: -CAkey cmd: -passin "pass:$pin" -CAcreateserial -CAserial serial \
  -out issued.pem
asks 'pin otp ' openssl dgst -sha384 -sign cmd: -passin pass: -out doc.sig doc
asks 'pin otp ' openssl dgst -sha512 -sign cmd: -out doc.sig doc
asks 'otp ' openssl dgst -sha512 -sign "cmd:?pin-source=file:$dir/pin" -out doc.sig doc
asks '' openssl storeutl -noout -keys -passin "pass:$pin" cmd:
: >asked
expect_failure '801' setsid --wait openssl dgst -sha256 -sign cmd: -passin pass:0000 -out doc.sig doc </dev/null
[ ! -s asked ] || fail "asked '$(cat asked)' although a PIN was given"

# ---- a service that takes other hashes ------------------------------------------------------------------------------

edit_configuration 's/^\[service .*/&\nhashes=SHA512/'
asks 'pin otp ' openssl cms -sign -binary -in doc -signer cmd: -inkey cmd: -outform DER -out doc.p7s
expect_success openssl cms -cmsout -print -noout -inform DER -in doc.p7s
grep -q 'algorithm: sha512 ' out || fail "$(grep algorithm: out)"
expect_failure 'Sign with SHA512' openssl dgst -sha256 -sign cmd: -out doc.sig doc
