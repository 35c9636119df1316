#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# The sandbox itself: statuses, signals, and that it leaves nothing. The argument is the program.
. "$(dirname "$0")/lib.sh"

smartcmd=$1
mkdir tmp
export TMPDIR="$dir/tmp"

expect_nothing_left() {
  for left in "$TMPDIR"/* /etc/pkcs11/modules/"$(cat name 2>/dev/null)".module; do
    [ ! -e "$left" ] || fail "$left is left"
  done
  ! pgrep -f "$TMPDIR" >left || fail "processes are left: $(cat left)"
}

# expect_status STATUS ARGUMENT…
expect_status() {
  expected=$1
  shift
  status=0
  "$smartcmd" sandbox "$@" >out 2>err || status=$?
  [ "$status" = "$expected" ] || fail "status $status, not $expected, from: $* -- $(cat out err)"
  expect_nothing_left
}

expect_status 2
expect_status 2 --accounts 0 -- true
expect_status 2 --no-such-option -- true
expect_status 127 -- no-such-command
expect_status 126 -- /etc/passwd
env PATH=/usr/bin:/bin "$smartcmd" sandbox -- smartcmd --version >out 2>err || fail "smartcmd is not found: $(cat err)"
expect_nothing_left
expect_status 143 -- sh -c 'kill -TERM $$'

# What the command finds; its status is the sandbox's.
cat >command.sh <<'COMMAND'
set -eux
test -r "$SMARTCMD_CONFIG"
test -s "$SMARTCMD_SANDBOX_CA"
test -n "$SMARTCMD_SANDBOX_PIN"
test -d "$SMARTCMD_SANDBOX_OUTBOX"
[ "$(command -v smartcmd)" = "$1" ]
basename "$(dirname "$SMARTCMD_CONFIG")" >name
openssl list -providers | grep 'name: OpenSSL Default Provider'
openssl list -providers | grep 'name: SmartCMD'
openssl asn1parse -genstr OID:sandboxTest
P11_KIT_DEBUG=all p11-kit list-modules 2>&1 | grep -F "from path: $SMARTCMD_PKCS11_MODULE"
"$1" list | grep '^joana .*Joana'
"$1" list | grep '^tiago .*Tiago'
exit 7
COMMAND
cat >openssl.cnf <<'CONFIGURATION'
openssl_conf = person
[person]
oid_section = person_oids
[person_oids]
sandboxTest = Known to this person only, 1.2.3.4.5.6.7
CONFIGURATION
export OPENSSL_CONF=openssl.cnf
expect_status 7 --accounts 2 -- sh command.sh "$smartcmd"
unset OPENSSL_CONF

# Signals to the sandbox alone go to the command, whose status counts. What whoever runs this ignores, as nohup does, no
# shell could trap.
mkfifo ready
for signal in TERM INT HUP; do
  env --default-signal="$signal" "$smartcmd" sandbox -- sh -c "trap 'exit 9' $signal; echo >ready; while :; do read -r _ <ready; done" >out 2>err &
  sandbox=$!
  read -r _ <ready
  kill -"$signal" $sandbox
  status=0
  wait $sandbox || status=$?
  [ $status = 9 ] || fail "status $status after SIG$signal -- $(cat err)"
  expect_nothing_left
done

# Killed, it cannot clean up: the next one does, and what it has left is no installation.
"$smartcmd" sandbox -- sh -c 'echo "$SMARTCMD_CONFIG" >ready; read -r _ <ready' >out 2>err &
sandbox=$!
read -r configuration <ready
left=$(dirname "$configuration")
kill -KILL $sandbox
wait $sandbox || true
echo >ready
[ -d "$left" ] || fail "nothing to sweep: $left"
module=/etc/pkcs11/modules/$(basename "$left").module
if [ "$(id -u)" -eq 0 ]; then
  [ -e "$module" ] || fail "nothing to sweep: $module"
  "$smartcmd" doctor --offline >out || true
  grep -q "^HINT.*sandbox was killed.*$module" out || fail "doctor does not know it: $(cat out)"
  if grep -q "^OK.*$module" out; then fail "doctor takes it for an installation: $(cat out)"; fi
fi
# One that lives is not swept, nor one of a version that held no lock: that cannot be told from a killed one.
mkdir "$TMPDIR/smartcmd-sandbox-alive" "$TMPDIR/smartcmd-sandbox-older"
touch "$TMPDIR/smartcmd-sandbox-alive/locks" "$TMPDIR/smartcmd-sandbox-older/smartcmd.conf"
touch -d '2 minutes ago' "$TMPDIR"/smartcmd-sandbox-*
flock "$TMPDIR/smartcmd-sandbox-alive" "$smartcmd" sandbox -- true 2>err
[ ! -e "$module" ] || fail "$module is left"
[ ! -e "$left" ] || fail "$left is left"
[ -e "$TMPDIR/smartcmd-sandbox-alive/locks" ] || fail "a living sandbox was swept"
[ -e "$TMPDIR/smartcmd-sandbox-older/smartcmd.conf" ] || fail "a sandbox without a lock was swept"
rm -r "$TMPDIR/smartcmd-sandbox-alive" "$TMPDIR/smartcmd-sandbox-older"
expect_nothing_left
