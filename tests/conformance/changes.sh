#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# While a program has the module open, its account is enrolled, and the service renews its key and certificate.
#
#   changes.sh PROGRAM SMARTCMD SMARTCMDD
. "$(dirname "$0")/../tools/lib.sh"

# expect ORDER ANSWER: of the program
expect() {
  echo "$1" >&3
  read -r answered <&4 || fail "the program has ended: $(cat module.log)"
  [ "$answered" = "$2" ] || fail "to '$1': '$answered', not '$2'"
}

export SMARTCMD_LOG="$dir/module.log"
edit_configuration "s|^state-directory=.*|state-directory=$dir/state|"
count_questions
mkfifo orders answers
# shellcheck disable=SC2086  # a command and its options
${SMARTCMD_TEST_WRAPPER-} "$1" <orders >answers &
exec 3>orders 4<answers

expect look 'smartcmd enrol joana: 0'
[ ! -e asked ] || fail "asked by looking: $(cat asked)"
"$2" enrol joana
expect look 'Joana: 3'
expect sign 0x0
expect again 0x0

# The cache still has the former certificate.
cp state/joana.pem former.pem
echo "$SMARTCMD_SANDBOX_PIN" | "$3" account renew "${SMARTCMD_SANDBOX_OUTBOX%/*}" --user-id '+351 910000000' --pin-file -
expect look 'Joana: 3'
expect sign 0x32 # CKR_DEVICE_REMOVED
grep -q '^.*C_Sign: The service now signs for account .joana. with a new certificate' module.log ||
  fail "no sentence: $(cat module.log)"
! cmp -s state/joana.pem former.pem || fail "the cache still has the former certificate"
expect look 'Joana: 3'
expect sign 0x0
expect again 0x0

exec 3>&-
wait $!
