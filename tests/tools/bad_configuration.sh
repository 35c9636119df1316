#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# Each mistake in the configuration is named.
. "$(dirname "$0")/lib.sh"

make_document doc
SMARTCMD_CONFIG=/nowhere/smartcmd.conf expect_no_signature '/nowhere/smartcmd.conf'

edit_configuration 's|^endpoint=|endpiont=|'
expect_no_signature "endpiont.*Did you mean 'endpoint'"

edit_configuration 's|^endpoint=.*|endpoint=ftp://example|'
expect_no_signature 'endpoint.*https://'

edit_configuration 's|^password-file=.*|password-file=/nowhere/password|'
expect_no_signature '/nowhere/password'

printf '\001\002 no key file' >smartcmd.conf
expect_no_signature 'smartcmd.conf'

: >smartcmd.conf
expect_no_signature 'No account is configured'

edit_configuration ''
expect_failure "no account 'nobody'" openssl cms -sign -binary -in doc -signer cmd:nobody -inkey cmd:nobody -out doc.p7s
[ ! -s doc.p7s ] || fail 'output was written'

edit_configuration 's|^state-directory=.*|state-directory=/nowhere|'
expect_no_signature 'smartcmd enrol'

expect_failure 'Can.t open|No such file' \
  openssl cms -sign -binary -in missing -signer cmd: -inkey cmd: -outform DER -out missing.p7s
[ ! -s missing.p7s ] || fail 'output was written'
