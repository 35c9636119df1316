#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Languages whose programs sign with a key file, and what a TLS server can do with the key. What is not installed is left
# out.
. "$(dirname "$0")/lib.sh"

smartcmd=$(sed -n 's|^module *= *\(.*\)/provider/smartcmd.so|\1/cli/smartcmd|p' "$OPENSSL_CONF")
"$smartcmd" key-file >joana.key
expect_success openssl storeutl -certs -out signer.pem cmd:
plain openssl x509 -in signer.pem -pubkey -noout >public.pem

# signs_with PROGRAM ARGUMENTS…: it signs doc into doc.sig, for one PIN and one one-time password.
signs_with() {
  command -v "$1" >/dev/null || { echo "without $1"; return; }
  make_document doc
  rm -f doc.sig
  expect_one_signature "$@"
  plain openssl dgst -sha256 -verify public.pem -signature doc.sig doc || fail "a wrong signature from: $*"
}

# ---- languages ------------------------------------------------------------------------------------------------------

cat >sign.js <<'JS'
const crypto = require('crypto'), fs = require('fs');
const key = crypto.createPrivateKey(fs.readFileSync('joana.key'));
fs.writeFileSync('doc.sig', crypto.sign('sha256', fs.readFileSync('doc'), key));
JS
signs_with node --openssl-shared-config sign.js

cat >stream.js <<'JS'
const crypto = require('crypto'), fs = require('fs');
fs.writeFileSync('doc.sig', crypto.createSign('SHA256').update(fs.readFileSync('doc')).sign(fs.readFileSync('joana.key')));
JS
signs_with node --openssl-shared-config stream.js

cat >sign.py <<'PYTHON'
from OpenSSL import crypto
key = crypto.load_privatekey(crypto.FILETYPE_PEM, open("joana.key", "rb").read())
open("doc.sig", "wb").write(crypto.sign(key, open("doc", "rb").read(), "sha256"))
PYTHON
if /usr/bin/python3 -c 'import OpenSSL.crypto; OpenSSL.crypto.sign' 2>err; then
  signs_with /usr/bin/python3 sign.py
else
  echo 'without a pyOpenSSL that signs'
fi

cat >sign.php <<'PHP'
<?php
$key = openssl_pkey_get_private('file://' . getcwd() . '/joana.key');
openssl_sign(file_get_contents('doc'), $signature, $key, OPENSSL_ALGO_SHA256) or exit(1);
file_put_contents('doc.sig', $signature);
PHP
signs_with php sign.php

cat >messages.php <<'PHP'
<?php
$key = 'file://' . getcwd() . '/joana.key';
$signer = 'file://' . getcwd() . '/signer.pem';
openssl_cms_sign('doc', 'doc.p7s', $signer, $key, [], OPENSSL_CMS_BINARY | OPENSSL_CMS_DETACHED, OPENSSL_ENCODING_DER) or exit(1);
PHP
cat >mail.php <<'PHP'
<?php
$key = 'file://' . getcwd() . '/joana.key';
$signer = 'file://' . getcwd() . '/signer.pem';
openssl_pkcs7_sign('doc', 'doc.eml', $signer, $key, [], PKCS7_DETACHED) or exit(1);
PHP
if command -v php >/dev/null; then
  make_document doc
  expect_one_signature php messages.php
  plain openssl cms -verify -binary -inform DER -in doc.p7s -content doc -CAfile "$SMARTCMD_SANDBOX_CA" -purpose any -out /dev/null
  echo 'Bom dia.' >doc
  expect_one_signature php mail.php
  plain openssl smime -verify -in doc.eml -CAfile "$SMARTCMD_SANDBOX_CA" -purpose any -out /dev/null
fi

# ---- TLS servers ----------------------------------------------------------------------------------------------------

count_questions
openssl s_server -key cmd: -cert signer.pem -accept 127.0.0.1:0 -www >server.log 2>&1 </dev/null &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$dir"' EXIT
until grep -q ACCEPT server.log; do
  kill -0 $server || fail "s_server: $(cat server.log)"
done
port=$(sed -n 's/^ACCEPT .*://p' server.log)

connect() { plain openssl s_client "$@" -connect "127.0.0.1:$port" -CAfile "$SMARTCMD_SANDBOX_CA" </dev/null >out 2>err; }

# Each handshake wants PSS, in TLS 1.2 as well,
for version in -tls1_3 -tls1_2; do
  : >asked
  if connect $version; then fail "s_client $version: $(cat out)"; fi
  [ ! -s asked ] || fail "s_client $version: asked $(cat asked)"
done
grep -q 'PKCS#1 v1.5 padding only' server.log || fail "s_server: $(cat server.log)"

# unless both are held to PKCS#1: then it costs a one-time password.
: >asked
connect -tls1_2 -sigalgs RSA+SHA256 || fail "s_client: $(cat out err)"
[ "$(tr '\n' ' ' <asked)" = 'pin otp ' ] || fail "a handshake asked: $(cat asked)"
