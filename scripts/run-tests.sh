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
log=$directory/meson-logs/testlog  # and perhaps the name of the test setup
rm -f "$log"*.json
status=0
meson test -C "$directory" --no-rebuild --print-errorlogs "$@" || status=$?

python3 - "$status" "$log"*.json <<'COUNT'
import collections, json, os, sys
status, log = int(sys.argv[1]), sys.argv[2]
lines = open(log) if os.path.exists(log) else []
results = collections.Counter(json.loads(line)["result"] for line in lines)
passed = results.pop("OK", 0) + results.pop("EXPECTEDFAIL", 0)
skipped = results.pop("SKIP", 0)
failed = sum(results.values())
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(status != 0 or failed != 0 or passed == 0)
COUNT
