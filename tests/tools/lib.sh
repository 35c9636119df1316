#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# What the end-to-end tests share. Each runs inside a sandbox, in an empty directory that goes with it; `plain` commands
# know nothing of us.
set -eu

# shellcheck disable=SC2034  # for those who include this
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

plain() { OPENSSL_CONF=/dev/null "$@"; }

# A document with every octet in it, and line ends of both kinds.
make_document() {
  printf 'Contrato\r\ncom acentua\303\247\303\243o\n\000\377' >"$1"
  head -c 100000 /dev/urandom >>"$1"
}

# A PDF document: a page with nothing on it
make_pdf() {
  {
    printf '%%PDF-1.4\n'
    printf '1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n'
    printf '2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n'
    printf '3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>>>\nendobj\n'
    printf 'xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n0000000105 00000 n \n'
    printf 'trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n184\n%%%%EOF\n'
  } >"$1"
}

# The smallest thing that is a Windows program: headers and one section
make_windows_program() {
  python3 - "$1" <<'END'
import sys
from struct import pack
dos = b"MZ" + bytes(58) + pack("<I", 64)
coff = pack("<HHIIIHH", 0x14C, 1, 0, 0, 0, 224, 0x102)
optional = pack("<HBBIIIIII", 0x10B, 0, 0, 512, 0, 0, 0x1000, 0x1000, 0x2000)
optional += pack("<III6HIIIIHHIIIIII", 0x400000, 0x1000, 512, 4, 0, 0, 0, 4, 0, 0, 0x2000, 512, 0, 3, 0, 0x100000, 0x1000,
                 0x100000, 0x1000, 0, 16) + bytes(128)
section = b".text\0\0\0" + pack("<6IHHI", 512, 0x1000, 512, 512, 0, 0, 0, 0, 0x60000020)
headers = dos + b"PE\0\0" + coff + optional + section
open(sys.argv[1], "wb").write(headers.ljust(512, b"\0") + b"\xc3".ljust(512, b"\0"))
END
}

# No agent of this sandbox is left.
expect_no_agent() {
  for pid in $(pgrep -f "$SMARTCMD_AGENT" || true); do
    if tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qxF "SMARTCMD_CONFIG=$SMARTCMD_CONFIG"; then
      fail "an agent is left: $pid"
    fi
  done
}

# expect_success COMMAND…
expect_success() {
  "$@" >out 2>err || fail "status $? from: $* -- $(cat err)"
  expect_no_agent
}

# expect_failure WORDS COMMAND…: in good time and in an orderly way, with a sentence that has WORDS (grep -E).
expect_failure() {
  words=$1
  shift
  status=0
  timeout 30 "$@" >out 2>err || status=$?
  [ "$status" -ne 0 ] || fail "no error from: $*"
  [ "$status" -lt 124 ] || fail "status $status (crash or hang) from: $* -- $(cat err)"
  sed 's/^/  /' err
  grep -qE "$words" err || fail "not a word of '$words' from: $* -- $(cat err)"
  expect_no_agent
}

# status N COMMAND…: ends with that status.
status() {
  wanted=$1
  shift
  got=0
  "$@" >out 2>err || got=$?
  [ "$got" -eq "$wanted" ] || fail "status $got, not $wanted, from: $* -- $(cat out err)"
  expect_no_agent
}

# json FILE EXPRESSION…: each is true of the JSON document `it`.
json() {
  python3 - "$@" <<'PYTHON' || fail "JSON: $(cat "$1")"
import json, sys
it = json.load(open(sys.argv[1], encoding="utf-8"))
for expression in sys.argv[2:]:
    if not eval(expression):
        sys.exit(f"not so: {expression}")
PYTHON
}

# expect_no_signature WORDS: the main job fails and leaves no half-written output.
expect_no_signature() {
  rm -f doc.p7s
  expect_failure "$1" openssl cms -sign -binary -in doc -signer cmd: -inkey cmd: -outform DER -out doc.p7s
  [ ! -s doc.p7s ] || fail "output was written"
}

# edit_configuration SED-SCRIPT: the sandbox's configuration, changed, for the commands that follow.
edit_configuration() {
  sed "$1" "$sandbox_configuration" >smartcmd.conf
  export SMARTCMD_CONFIG="$dir/smartcmd.conf"
}
sandbox_configuration=${SMARTCMD_CONFIG-}

# askpass SHELL-SCRIPT: who answers for the person in the commands that follow; the sandbox's own is "$answer".
askpass() {
  printf '#!/bin/sh\n%s\n' "$1" >askpass
  chmod 700 askpass
  export SMARTCMD_ASKPASS="$dir/askpass"
}
# shellcheck disable=SC2034  # for those who include this
answer=$(sed -n 's/^askpass=//p' "${SMARTCMD_CONFIG:-/dev/null}")

# count_questions: what the person is asked in the commands that follow is written down in "asked".
count_questions() { askpass "echo \"\$1\" >>'$dir/asked'; exec '$answer' \"\$1\""; }

# expect_one_signature COMMAND…: succeeds, and the person was asked for one PIN and one one-time password.
expect_one_signature() {
  count_questions
  : >asked
  expect_success "$@"
  [ "$(tr '\n' ' ' <asked)" = 'pin otp ' ] || fail "asked '$(tr '\n' ' ' <asked)' by: $*"
}
