#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# A hundred threads that sign at the same time ask the person twice: the first alone, and the others together.
. "$(dirname "$0")/../tools/lib.sh"

# Messages are in the outbox until their one-time password has been used.
mkfifo gate
askpass "echo \"\$1\" >>'$dir/asked'
ls '$SMARTCMD_SANDBOX_OUTBOX' >>'$dir/sent'
[ -p '$dir/gate' ] && cat '$dir/gate' && rm '$dir/gate'
exec '$answer' \"\$1\""
# shellcheck disable=SC2086  # a command and its options
${SMARTCMD_TEST_WRAPPER-} "$1" 100 "$dir/gate"
[ "$(tr '\n' ' ' <asked)" = 'pin otp pin otp ' ] || fail "asked: $(cat asked)"
ls "$SMARTCMD_SANDBOX_OUTBOX" >>sent
[ "$(sort -u sent | wc -l)" -eq 2 ] || fail "the service sent: $(sort -u sent)"
