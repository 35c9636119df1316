#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Programs that merely use libcrypto, with and without our openssl.cnf active: they print the same, of ours they open
# the module alone, and they start no more threads and children than before.
. "$(dirname "$0")/lib.sh"

module=$(sed -n 's/^module *= *//p' "$OPENSSL_CONF" | grep smartcmd)
ours=$OPENSSL_CONF
cat >without.cnf <<'CNF'
openssl_conf = init
[init]
providers = providers
[providers]
default = default_section
[default_section]
activate = 1
CNF
endpoint=$(sed -n 's/^endpoint=//p' "$SMARTCMD_CONFIG")

# watch CONFIGURATION NAME COMMAND…: output and status into NAME.out, files opened into NAME.files, processes and threads
# started into NAME.started
watch() {
  configuration=$1
  name=$2
  shift 2
  status=0
  OPENSSL_CONF=$configuration strace -f -qq -e trace=open,openat,openat2,clone,clone3,fork,vfork -o "$name.trace" \
    "$@" >"$name.out" 2>&1 </dev/null || status=$?
  echo "status $status" >>"$name.out"
  sed -n 's/.*open.*"\([^"]*\)".* = [0-9].*/\1/p' "$name.trace" >"$name.files"
  grep -cE '^([0-9]+ +)?(clone3?|v?fork)\(' "$name.trace" >"$name.started" || true
}

expect_same() {
  watch "$dir/without.cnf" without "$@"
  watch "$ours" with "$@"
  ! grep -q libcrypto with.files || grep -qxF "$module" with.files || fail "$*: the provider was not loaded"
  ! grep -qF "$module" without.files || fail "$*: the provider was loaded without being asked for"
  cmp without.out with.out || fail "$*: another output"
  cmp without.started with.started || fail "$*: other threads or children"
  found=$(grep -i smartcmd with.files | grep -vxF -e "$module" -e "$ours" -e "$SMARTCMD_SANDBOX_CA" || true)
  [ -z "$found" ] || fail "$*: opened $found"
  ! grep -qE 'libcurl|libxml2|libglib|libstdc' with.files || [ "$1" != openssl ] || fail "$*: mapped more than the module"
}

expect_same openssl version
expect_same openssl list -digest-algorithms
plain openssl genrsa -out own.key 2048 2>/dev/null
expect_same openssl pkey -in own.key -noout -text
expect_same ssh -V
expect_same curl --silent --show-error --cacert "$SMARTCMD_SANDBOX_CA" --output /dev/null --write-out '%{http_code}' \
  "$endpoint"
cat >tls.py <<'PYTHON'
import ssl, sys, urllib.error, urllib.request
context = ssl.create_default_context(cafile=sys.argv[2])
try:
    urllib.request.urlopen(sys.argv[1], context=context)
except urllib.error.HTTPError as answer:
    print(answer.code)
PYTHON
expect_same /usr/bin/python3 tls.py "$endpoint" "$SMARTCMD_SANDBOX_CA"
grep -qx 401 with.out || grep -qx 405 with.out || grep -qx 404 with.out || fail "the service gave no answer: $(cat with.out)"
