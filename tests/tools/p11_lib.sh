#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# What the tests of PKCS#11 programs share, besides lib.sh. OpenSSL stands aside here: it only verifies.
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034  # for those who include this
module=$SMARTCMD_PKCS11_MODULE
# shellcheck disable=SC2034
key='pkcs11:token=Joana;object=Joana;type=private'
export OPENSSL_CONF=/dev/null SMARTCMD_LOG="$dir/module.log"

# expect_no_question COMMAND…: succeeds, and nobody was asked for anything.
expect_no_question() {
  count_questions
  : >asked
  expect_success "$@"
  [ ! -s asked ] || fail "asked '$(tr '\n' ' ' <asked)' by: $*"
}

# nss_database DIRECTORY: with the module, and with the sandbox's authority, which it trusts
nss_database() {
  mkdir "$1"
  certutil -N -d "sql:$1" --empty-password
  modutil -dbdir "sql:$1" -add smartcmd -libfile "$module" -force </dev/null
  certutil -A -d "sql:$1" -n Root -t CT,C,C -a -i "$SMARTCMD_SANDBOX_CA"
}

# Makes signer.pem, authorities.pem, chain.pem with both, and the signer's public.pem.
certificates() {
  certificate='pkcs11:token=Joana;object=Joana;type=cert'
  p11tool --provider="$module" --export "$certificate" >signer.pem
  p11tool --provider="$module" --export-chain "$certificate" >chain.pem
  awk '/BEGIN/ { count++ } count > 1' chain.pem >authorities.pem
  openssl x509 -in signer.pem -pubkey -noout -out public.pem
}

# verify_cms FORM FILE [CONTENT]
verify_cms() {
  openssl cms -verify -binary -inform "$1" -in "$2" ${3:+-content "$3"} -CAfile "$SMARTCMD_SANDBOX_CA" -purpose any \
    -out /dev/null
}
