#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# In a sandbox: many programs sign with one account at the same time, each with a one-time password of its own.
set -eu
. "$(dirname "$0")/lib.sh"

at_once=16
echo document >document
for n in $(seq $at_once); do
  openssl cms -sign -binary -in document -signer cmd: -inkey cmd: -outform DER -out "signature.$n" </dev/null 2>"error.$n" &
done
wait
for n in $(seq $at_once); do
  [ -s "signature.$n" ] || fail "program $n of $at_once did not sign: $(cat "error.$n")"
done
