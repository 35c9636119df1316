#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Fuzzes with one target for $SMARTCMD_FUZZ_SECONDS. DIRECTORY keeps what it has learnt, for the next time, and what it has
# found: then "TARGET FILE" shows it again.
#
#   run.sh TARGET DIRECTORY CORPUS…
set -eu
target=$1 directory=$2
shift 2
mkdir -p "$directory/corpus"
exec "$target" -max_total_time="${SMARTCMD_FUZZ_SECONDS:-60}" -max_len=16384 -timeout=10 -print_final_stats=1 \
  -artifact_prefix="$directory/" "$directory/corpus" "$@"
