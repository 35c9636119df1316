#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Runs the tests of a build directory. The last line: "N passed, N failed"; the status tells too.
#
#   scripts/run-tests.sh DIRECTORY [OPTION OF meson test…]
set -eu
cd "$(dirname "$0")/.."

directory=$1
shift
log=$directory/meson-logs/testlog.json
rm -f "$log"
status=0
meson test -C "$directory" --no-rebuild --print-errorlogs "$@" || status=$?

python3 - "$log" "$status" <<'COUNT'
import collections, json, os, sys
log, status = sys.argv[1], int(sys.argv[2])
lines = open(log) if os.path.exists(log) else []
results = collections.Counter(json.loads(line)["result"] for line in lines)
passed = results.pop("OK", 0) + results.pop("EXPECTEDFAIL", 0)
skipped = results.pop("SKIP", 0)
failed = sum(results.values())
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(status != 0 or failed != 0 or passed == 0)
COUNT
