#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Runs the tests of a build directory. The last line: "N passed, N failed"; the status tells too.
#
# A test that skips itself, or was left out because its program is missing, proves nothing: those that
# SMARTCMD_REQUIRED_TESTS names, with blanks between, must have run.
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
import collections, json, os, re, sys
status, log = int(sys.argv[1]), sys.argv[2]
lines = open(log) if os.path.exists(log) else []
tests = [json.loads(line) for line in lines]
results = collections.Counter(test["result"] for test in tests)
ran = {re.split("[ :]", test["name"])[-1] for test in tests if test["result"] != "SKIP"}
not_run = [name for name in os.environ.get("SMARTCMD_REQUIRED_TESTS", "").split() if name not in ran]
if not_run:
    print("Required, but skipped or missing:", *not_run)
passed = results.pop("OK", 0) + results.pop("EXPECTEDFAIL", 0)
skipped = results.pop("SKIP", 0)
failed = sum(results.values())
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(status != 0 or bool(not_run) or failed != 0 or passed == 0)
COUNT
