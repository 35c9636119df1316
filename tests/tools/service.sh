#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# service.sh SMARTCMDD: makes a service, drives it with a stock SOAP client and with raw HTTP, and looks at what it
# leaves behind.
set -eu

smartcmdd=$1
tests=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
service=$dir/service
pid=

end_service() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  pid=
}
trap 'end_service; rm -rf "$dir"' EXIT
cd "$dir"

fail() {
  echo "FAILED: $*" >&2
  cat log >&2 2>/dev/null || true
  exit 1
}

# expect STATUS COMMAND…
expect() {
  wanted=$1
  shift
  status=0
  "$@" >out 2>err || status=$?
  [ "$status" -eq "$wanted" ] || fail "status $status, not $wanted, from: $* -- $(cat err)"
}

# start_service [COMMAND…]: in which it runs; returns when it serves. Its address is in $url, its log in log.
start_service() {
  rm -f address
  mkfifo address
  "$@" "$smartcmdd" serve --die-with-parent "$service" >address 2>>log &
  pid=$!
  read -r url <address || fail "the service did not start"
}

# stop_service: it ends in an orderly way and leaves no message behind.
stop_service() {
  kill -TERM "$pid"
  status=0
  wait "$pid" || status=$?
  pid=
  [ "$status" -eq 0 ] || fail "the service ended with status $status"
  [ -z "$(ls -A "$service/outbox")" ] || fail "messages are left in the outbox"
}

# set_key KEY VALUE: in the service's settings
set_key() {
  sed "s/^$1=.*/$1=$2/" "$service/smartcmdd.conf" >edited
  cp edited "$service/smartcmdd.conf"
}

# Making a service: wholly or not at all, and for its owner only.
expect 2 "$smartcmdd"
expect 2 "$smartcmdd" init
expect 2 "$smartcmdd" init --colour=red "$service"
expect 1 "$smartcmdd" serve "$dir/nowhere"
expect 1 "$smartcmdd" init --hsm-module="$tests/service.sh" "$service"
[ ! -e "$service" ] || fail "a failed init left something behind"
expect 1 "$smartcmdd" init --listen=rubbish "$service"
grep -q 'an address and a port' err || fail "the address is not refused: $(cat err)"
expect 1 "$smartcmdd" init --hsm-module=/no/such/module.so "$service"
grep -q 'The PKCS#11 module /no/such/module.so cannot be used: No such file' err || fail "no module: $(cat err)"
for help in --help -h help; do
  expect 0 "$smartcmdd" $help
  grep -q '^  smartcmdd account renew DIR' out || fail "$help: $(cat out)"
done
for version in --version -V; do
  expect 0 "$smartcmdd" $version
  grep -qx 'smartcmdd [0-9.]*' out || fail "$version: $(cat out)"
done
expect 0 "$smartcmdd" account
[ "$(grep -c '^  smartcmdd account ' out)" = 4 ] && ! grep -q '^  smartcmdd serve' out || fail "account: $(cat out)"
expect 2 "$smartcmdd" acount list
grep -q "Did you mean 'account list'" err || fail "no suggestion: $(cat err)"
expect 2 "$smartcmdd" served "$service"
grep -q "Did you mean 'serve'" err || fail "no suggestion: $(cat err)"
expect 2 "$smartcmdd" account remove "$service"
grep -q "There is no command 'account remove'\." err || fail "an unknown command: $(cat err)"
expect 2 "$smartcmdd" init
grep -q 'one directory, DIR' err || fail "no directory: $(cat err)"
mkdir -m 755 empty
expect 1 "$smartcmdd" init --hsm-module="$tests/service.sh" empty
[ "$(stat -c %a empty)$(ls -A empty)" = 755 ] || fail "a failed init changed an empty directory"
mkdir occupied
touch occupied/file
expect 1 "$smartcmdd" init occupied
[ "$(ls -A occupied)" = file ] || fail "init touched a directory in use"

# One that is cut off, here by the first key it writes, leaves nothing in the way of the next.
expect 153 prlimit --core=0 --fsize=1000 "$smartcmdd" init "$service"
[ -e "$service" ] || fail "init was cut off before it began"
expect 0 "$smartcmdd" init "$service"
[ "$(stat -c %a "$service")" = 700 ] || fail "the service's directory is not private"
[ -z "$(find "$service" -perm /077)" ] || fail "others may read: $(find "$service" -perm /077)"
expect 1 "$smartcmdd" init "$service"

# Accounts: one for each phone number, with a PIN that is one.
add_account() {
  timeout 60 "$smartcmdd" account add "$service" --name "$1" --user-id "$2" --pin-file "$3"
}
in_five_years() { date -u -d '1825 days' +%F; }
ends=$(in_five_years)
printf '1234\n' >pin
printf '123\n' >short-pin
expect 0 add_account 'JOANA SILVA' '+351 910000000' pin
# Of standard input one line is read: a person at a terminal types no end of it.
mkfifo typed
exec 9<>typed
printf '87654321\n' >&9
expect 0 add_account 'RUI ÉVORA SÁ' '+351911111111' - <&9
exec 9>&-
expect 1 add_account 'JOANA SILVA' '+351910000000' pin
expect 1 add_account 'NOBODY' '+351 912222222' short-pin
expect 1 add_account 'NOBODY' 'joana' pin
expect 1 add_account 'NOBODY' '+351 912222222' no-such-file
expect 1 add_account "$(printf 'A%.0s' $(seq 80))" '+351 912222222' pin
expect 1 add_account "$(printf 'A\t+351 911111111')" '+351 912222222' pin
expect 2 "$smartcmdd" account add "$service" --name 'NOBODY' --pin-file pin
status=0
"$smartcmdd" account list "$service" >/dev/full 2>err || status=$?
[ "$status" -eq 1 ] && grep -q 'standard output' err || fail "a list that cannot be written: $status $(cat err)"
expect 0 "$smartcmdd" account list "$service"
[ "$(wc -l <out)" -eq 2 ] || fail "account list: $(cat out)"

# No key but the two people's is left in the HSM, whatever failed or was renewed; none can be read.
expect_two_keys() {
  objects=$(cd "$service" && SOFTHSM2_CONF=softhsm2.conf pkcs11-tool --login --pin "$(cat hsm-pin)" --list-objects \
    --module "$(sed -n 's/^hsm-module=//p' smartcmdd.conf)")
  [ "$(echo "$objects" | grep -c 'Private Key')" -eq 2 ] || fail "keys in the HSM: $objects"
  [ "$(echo "$objects" | grep -c 'Public Key')" -eq 2 ] || fail "keys in the HSM: $objects"
  [ "$(echo "$objects" | grep -c 'sensitive, always sensitive, never extractable')" -eq 2 ] || fail "$objects"
}
expect_two_keys

# A mistake in the settings is named.
cp "$service/smartcmdd.conf" settings
set_key otp-lifetime soon
expect 1 "$smartcmdd" serve "$service"
grep -q 'otp-lifetime' err || fail "the wrong key is not named: $(cat err)"
cp settings "$service/smartcmdd.conf"

# An HSM that does not start is named.
mv "$service/tokens" tokens.away
expect 1 "$smartcmdd" serve "$service"
grep -q "module /.*, for the token 'smartcmd', failed to start" err || fail "the HSM is not named: $(cat err)"
mv tokens.away "$service/tokens"

# What is secret is: the service does not start otherwise.
for file in hsm-pin client/password authority/issuing-key.pem field-keys/1-key.pem tls/server-key.pem outbox; do
  chmod o+r "$service/$file"
  expect 1 "$smartcmdd" serve "$service"
  grep -q "chmod o= $service/$file" err || fail "$file is open: $(cat err)"
  chmod o-r "$service/$file"
done

# The protocol; these tests give many wrong PINs, and keep the database for longer than the service waits
set_key pin-attempts 1000
set_key database 'sqlite3:\/\/db=database.sqlite timeout=1'
start_service
[ "$(sed -n 's/^endpoint=//p' "$service/client/service.conf")" = "$url" ] || fail "client/service.conf has another URL"
expect 1 "$smartcmdd" serve "$service"
grep -q 'Another smartcmdd' err || fail "a directory is served twice: $(cat err)"
cp -R "$service" copy
sed -i "s|^listen=.*|listen=127.0.0.1:$(echo "$url" | sed 's|.*:\([0-9]*\)/.*|\1|')|" copy/smartcmdd.conf
expect 1 "$smartcmdd" serve copy
grep -q 'cannot listen' err || fail "a port is served twice: $(cat err)"
/usr/bin/python3 "$tests/service_zeep.py" "$service" Operations Http Unwritable Hsm || fail "the protocol"
stop_service

# A directory that moved serves on; a one-time password that nobody used is gone in time.
mv "$service" "$dir/moved"
service=$dir/moved
set_key otp-lifetime 1
set_key pin-attempts 3
expect 0 "$smartcmdd" account unlock "$service" --user-id '+351910000000'
start_service
/usr/bin/python3 "$tests/service_zeep.py" "$service" Expiry || fail "expiry"
stop_service
set_key otp-lifetime 120
start_service prlimit --nofile=256
/usr/bin/python3 "$tests/service_zeep.py" "$service" Connections || fail "connections"
/usr/bin/python3 "$tests/service_zeep.py" "$service" Lock || fail "lock"
stop_service

# An operator unlocks what three wrong secrets locked.
expect_accounts() {
  expect 0 "$smartcmdd" account list "$service"
  [ "$(cut -f 2,4 out)" = "$1" ] || fail "account list: $(cat out)"
  [ "$(cut -f 3 out | grep -cxe "$ends" -e "$(in_five_years)")" -eq 2 ] || fail "the certificates end on: $(cat out)"
}
expect_accounts "$(printf 'JOANA SILVA\tlocked\nRUI ÉVORA SÁ')"
expect 1 "$smartcmdd" account unlock "$service" --user-id '+351 999999999'
expect 2 "$smartcmdd" account unlock "$service"
expect 0 "$smartcmdd" account unlock "$service" --user-id '+351 910000000'
expect_accounts "$(printf 'JOANA SILVA\nRUI ÉVORA SÁ')"

# Another key for the same person: with a PIN that is one, for a person there is, while the service serves.
destroy_keys() {
  for type in privkey pubkey; do
    (cd "$service" && SOFTHSM2_CONF=softhsm2.conf pkcs11-tool --login --pin "$(cat hsm-pin)" --delete-object --type "$type" \
      --label 'JOANA SILVA' --module "$(sed -n 's/^hsm-module=//p' smartcmdd.conf)") >/dev/null 2>&1 || fail "no $type is there"
  done
}
renew_account() { "$smartcmdd" account renew "$service" --user-id "$1" --pin-file "$2"; }
expect 1 renew_account '+351 999999999' pin
expect 1 renew_account '+351 910000000' short-pin
expect 2 "$smartcmdd" account renew "$service" --user-id '+351 910000000'
expect_two_keys
destroy_keys # which were lost with the HSM they were in
expect 0 renew_account '+351 910000000' pin
expect_two_keys
start_service
/usr/bin/python3 "$tests/service_zeep.py" "$service" Flood || fail "messages"
SMARTCMDD=$smartcmdd /usr/bin/python3 "$tests/service_zeep.py" "$service" Renewal || fail "renewal"
stop_service
expect_two_keys

# What was written down tells nobody anything.
for secret in 910000000 911111111 1234 87654321 "$(cat "$service/client/password")" "$(cat "$service/hsm-pin")"; do
  ! sed 's/[0-9a-f]\{8\}-[0-9a-f-]*//' log | grep -qF "$secret" || fail "the log has a secret"
done
grep -qE '^smartcmdd: ValidateOtp 200 [0-9a-f-]{36}$' log || fail "the log has no signature"
