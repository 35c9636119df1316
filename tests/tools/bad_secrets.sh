#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# Wrong, strange and missing answers of the person.
. "$(dirname "$0")/lib.sh"

make_document doc
askpass "case \$1 in pin) echo 0000 ;; *) exec '$answer' \"\$@\" ;; esac"
expect_no_signature 'PIN.*801'

askpass "case \$1 in otp) '$answer' otp | tr 0-9 1-90 ;; *) exec '$answer' \"\$@\" ;; esac"
expect_no_signature '802'

askpass "case \$1 in pin) echo 'no digits' ;; *) exec '$answer' \"\$@\" ;; esac"
expect_no_signature 'PIN'

askpass 'exit 1'
expect_no_signature '.'

askpass 'kill -SEGV $$'
expect_no_signature '.'

export SMARTCMD_ASKPASS=/nowhere/askpass
expect_no_signature '/nowhere/askpass'

# After all that, the right answers still do.
unset SMARTCMD_ASKPASS
expect_success openssl cms -sign -binary -in doc -signer cmd: -inkey cmd: -outform DER -out doc.p7s
