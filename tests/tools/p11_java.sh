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

# A digest that the program has made: SunPKCS11 signs it when it is told that a mechanism may be there for less than all
# uses. Java before 17.0.15 does not know the word.
sed 's/^#allowLegacy/allowLegacy/' p11.cfg >legacy.cfg
cat >Sign.java <<'JAVA'
import java.nio.file.*;
import java.security.*;

class Sign {
    public static void main(String[] arguments) throws Exception {
        Provider provider = Security.getProvider("SunPKCS11").configure(arguments[0]);
        Security.addProvider(provider);
        KeyStore store = KeyStore.getInstance("PKCS11", provider);
        store.load(null, null);
        Signature signature = Signature.getInstance("NONEwithRSA");
        signature.initSign((PrivateKey) store.getKey("Joana", null));
        signature.update(Files.readAllBytes(Path.of(arguments[1])));
        Files.write(Path.of(arguments[2]), signature.sign());
    }
}
JAVA
export SMARTCMD_CONFIG="$sandbox_configuration"
make_document doc
{
  printf '\060\061\060\015\006\011\140\206\110\001\145\003\004\002\001\005\000\004\040'
  openssl dgst -sha256 -binary doc
} >digest_info
if java -version 2>&1 | grep -q 'version "17\.0\.\(1[5-9]\|[2-9][0-9]\)\|version "2[1-9]'; then
  certificates
  expect_one_signature java Sign.java legacy.cfg digest_info signature
  openssl dgst -sha256 -verify public.pem -signature signature doc
fi
