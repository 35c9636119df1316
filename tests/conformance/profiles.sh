#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# Each way to log in conforms to the same profiles.
. "$(dirname "$0")/../tools/lib.sh"

for login in none pin protected; do
  echo "login=$login"
  edit_configuration "/^\[account /a login=$login"
  # shellcheck disable=SC2086  # a command and its options
  ${SMARTCMD_TEST_WRAPPER-} "$1" "$SMARTCMD_SANDBOX_PIN"
done
