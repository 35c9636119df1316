#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# Java's SunPKCS11 lists the token and signs a jar with it.
. "$(dirname "$0")/p11_lib.sh"

"$1" java-config --out p11.cfg
store='-keystore NONE -storetype PKCS11 -addprovider SunPKCS11 -providerArg p11.cfg'
# shellcheck disable=SC2086  # $store is several words, here and below
expect_no_question keytool -list $store -storepass none
grep -q '^Joana, PrivateKeyEntry' out || fail "no key: $(cat out)"
# shellcheck disable=SC2086
expect_one_signature keytool -certreq $store -storepass none -alias Joana -file request.pem
openssl req -in request.pem -verify -noout

keytool -importcert -noprompt -trustcacerts -alias root -file "$SMARTCMD_SANDBOX_CA" -keystore trust.p12 \
  -storetype PKCS12 -storepass changeit
make_document doc
jar cf doc.jar doc
for hash in SHA256 SHA384 SHA512; do
  # shellcheck disable=SC2086
  expect_one_signature jarsigner $store -protected -sigalg ${hash}withRSA -signedjar signed.jar doc.jar Joana
  expect_success jarsigner -verify -keystore trust.p12 -storepass changeit signed.jar
  grep -q '^jar verified' out || fail "$(cat out)"
done

# With a PIN of the program's own
edit_configuration '/^\[account /a login=pin'
count_questions
: >asked
# shellcheck disable=SC2086
expect_success jarsigner $store -storepass "$SMARTCMD_SANDBOX_PIN" -signedjar signed.jar doc.jar Joana
[ "$(cat asked)" = otp ] || fail "asked: $(cat asked)"
