#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# pkcs11_provider.sh PKCS11-PROVIDER: openssl through that provider and our module, and with our own provider active in
# the same process, each listed before and after the other.
smartcmd_provider=$(sed -n 's/^module *= *//p' "$OPENSSL_CONF" | grep smartcmd)
. "$(dirname "$0")/p11_lib.sh"

certificate='pkcs11:token=Joana;object=Joana;type=cert'

# configuration PROVIDER…
configuration() {
  {
    printf 'openssl_conf = init\n[init]\nproviders = providers\n[providers]\n'
    for name; do echo "$name = ${name}_provider"; done
    printf '[default_provider]\nactivate = 1\n'
    printf '[smartcmd_provider]\nmodule = %s\nactivate = 1\n' "$smartcmd_provider"
    printf '[pkcs11_provider]\nmodule = %s\nactivate = 1\n' "$pkcs11_provider"
    # p11-kit has SoftHSM too, which does not survive being finalised while a program ends.
    if [ -n "$module" ]; then echo "pkcs11-module-path = $module"; else echo 'pkcs11-module-quirks = no-deinit'; fi
    printf '[req]\ndistinguished_name = name\n[name]\n'
  } >both.cnf
}
pkcs11_provider=$1

run() { OPENSSL_CONF="$dir/both.cnf" openssl "$@"; }
looks() { expect_no_question run "$@"; }
signs() { expect_one_signature run "$@"; }
verifies() { expect_success openssl "$@"; }

# refuses COMMAND…: it cannot be done, and nobody is asked.
refuses() {
  : >asked
  if run "$@" >out 2>err; then fail "no error from: $*"; fi
  [ ! -s asked ] || fail "asked '$(tr '\n' ' ' <asked)' by: $*"
}

# Listed before the default provider, pkcs11-provider 1.0 also verifies and hashes by itself, through any module. Then it
# crashes when dgst has verified, and a document hashed for two signers gets one signature.
default_first() { case $order in *'default pkcs11'*) ;; *) false ;; esac; }

look() {
  looks storeutl -keys pkcs11:token=Joana
  looks storeutl -certs -out all.pem pkcs11:token=Joana
  [ "$(grep -c BEGIN all.pem)" -eq 3 ] || fail "no whole chain: $(cat all.pem)"
  looks x509 -in "$certificate" -out found.pem
  openssl x509 -in signer.pem | cmp - found.pem
  looks pkey -pubin -in "${key%private}public" -pubout -out found.pem
  # In PKCS #1's form, as that provider likes it.
  openssl pkey -pubin -in found.pem | cmp - public.pem
}

bare_signatures() {
  for hash in sha256 sha384 sha512; do
    signs dgst -$hash -sign "$key" -out signature doc
    verifies dgst -$hash -verify public.pem -signature signature doc
    if default_first; then looks dgst -$hash -verify "${key%private}public" -signature signature doc; fi
    openssl dgst -$hash -binary -out digest doc
    signs pkeyutl -sign -inkey "$key" -pkeyopt digest:$hash -in digest -out signature
    verifies pkeyutl -verify -pubin -inkey public.pem -pkeyopt digest:$hash -in digest -sigfile signature
    signs pkeyutl -sign -inkey "$key" -rawin -digest $hash -in doc -out signature
    verifies pkeyutl -verify -pubin -inkey public.pem -rawin -digest $hash -in doc -sigfile signature
  done
  refuses pkeyutl -sign -inkey "$key" -pkeyopt digest:sha256 -pkeyopt rsa_padding_mode:pss -in digest -out no
  refuses pkeyutl -decrypt -inkey "$key" -in signature -out no
}

messages() {
  for how in -nodetach -noattr '-md sha512' -cades '-certfile authorities.pem'; do
    # shellcheck disable=SC2086  # $how is one word or two
    signs cms -sign -binary -in doc -signer "$certificate" -inkey "$key" $how -outform DER -out doc.p7
    if [ "$how" = -nodetach ]; then verify_cms DER doc.p7; else verify_cms DER doc.p7 doc; fi
  done
  if verify_cms DER doc.p7 digest 2>/dev/null; then fail 'another document verifies'; fi
}

requests() {
  signs req -new -key "$key" -subj '/CN=Request' -out request.pem
  verifies req -verify -in request.pem -noout
  signs req -new -x509 -key "$key" -subj '/CN=Self-made' -out self.pem
  verifies verify -CAfile self.pem -check_ss_sig self.pem
}

# Each provider signs, and both one document.
beside_ours() {
  signs dgst -sha256 -sign cmd: -out signature doc
  verifies dgst -sha256 -verify public.pem -signature signature doc
  default_first || return 0
  : >asked
  expect_success run cms -sign -binary -in doc -signer "$certificate" -inkey "$key" -signer cmd:tiago -inkey cmd:tiago \
    -outform DER -out doc.p7
  [ "$(tr '\n' ' ' <asked)" = 'pin otp pin otp ' ] || fail "asked: $(cat asked)"
  verify_cms DER doc.p7 doc
}

certificates
for order in 'pkcs11 default' 'default pkcs11' 'smartcmd pkcs11 default' 'default pkcs11 smartcmd'; do
  echo "$order"
  # shellcheck disable=SC2086  # the names
  configuration $order
  make_document doc
  look
  bare_signatures
  messages
  requests
  case $order in *smartcmd*) beside_ours ;; esac
done

# p11-kit finds the module where the configuration names none.
(
  module=''
  configuration pkcs11 default
)
signs dgst -sha256 -sign "$key" -out signature doc
verifies dgst -sha256 -verify public.pem -signature signature doc

# The application gives the PIN.
configuration pkcs11 default
edit_configuration '/^\[account /a login=pin'
: >asked
expect_success run dgst -sha256 -sign "$key?pin-value=$SMARTCMD_SANDBOX_PIN" -out signature doc
[ "$(cat asked)" = otp ] || fail "asked: $(cat asked)"
verifies dgst -sha256 -verify public.pem -signature signature doc
