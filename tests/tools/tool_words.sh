#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# What others wrote does not control the terminal or forge a line: names of files, values of the configuration, keys of
# the environment. The argument is smartcmd.
smartcmd=$1
. "$(dirname "$0")/lib.sh"

# ESC, CSI of C1, right-to-left override, a line feed
strange=$(printf 'a\033[2J\302\2332J\342\200\256b\nforged: line')

# expect_clean: in out and err is nothing that is not printable, and no line is the stranger's.
expect_clean() {
  python3 - out err <<'PYTHON' || fail "not clean: $(cat -v out err)"
import sys, unicodedata
for name in sys.argv[1:]:
    text = open(name, encoding="utf-8").read()
    assert not [c for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Cn", "Cs")], name
    assert not any(line.startswith("forged") for line in text.splitlines()), name
PYTHON
}

status 1 "$smartcmd" verify "$strange"
grep -q 'cannot be read' out || fail "verify: $(cat -v out err)"
expect_clean
expect_failure 'a' "$smartcmd" sign "$strange"
expect_clean
expect_failure 'a' "$smartcmd" show "$strange"
expect_clean
expect_failure 'a' "$smartcmd" "$strange"
expect_clean
expect_failure 'a' env SMARTCMD_CONFIG="$PWD/$strange" "$smartcmd" list
expect_clean

# A file of that name is signed and verified, and its name is exact data in JSON.
echo text >"$strange"
expect_success "$smartcmd" sign "$strange"
expect_clean
expect_success "$smartcmd" verify --ca "$SMARTCMD_SANDBOX_CA" "$strange"
expect_clean
expect_success "$smartcmd" verify --ca "$SMARTCMD_SANDBOX_CA" --json "$strange"
expect_clean
python3 - "$strange" <<'PYTHON' || fail "not exact: $(cat -v out)"
import json, sys
text = open("out", encoding="utf-8").read()
assert "\\u009b" in text and "\\u202e" in text, "no escapes"
assert json.dumps(sys.argv[1])[1:-1] in json.dumps(json.loads(text)), "another name"
PYTHON

override=$(printf '\342\200\256')
edit_configuration "s|^label=Joana\$|label=Jo${override}ana|"
expect_success "$smartcmd" list
grep -q 'Jo�ana' out || fail "the label: $(cat -v out)"
expect_clean

# A locale without a character set of its own says nothing of the terminal.
expect_success env LC_ALL=C "$smartcmd" --help
grep -q '\[OPTION…\]' out || fail "no UTF-8 in a C locale: $(cat out)"
