#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# From nothing to a signature: setup, enrol with a phone number, sign. The argument is smartcmd.
smartcmd=$1
. "$(dirname "$0")/lib.sh"

unset SMARTCMD_CONFIG
export SMARTCMD_ASKPASS="$answer" HOME="$dir/home" XDG_CONFIG_HOME="$dir/home/.config" XDG_DATA_HOME="$dir/home/.data"
mkdir home
configuration=$XDG_CONFIG_HOME/smartcmd/smartcmd.conf

value() { sed -n "s|^$1=||p" "$sandbox_configuration" | head -n 1; }
client=$(dirname "$sandbox_configuration")/service/client
file() { (cd "$(dirname "$sandbox_configuration")" && readlink -f "$(value "$1")"); }
[ -d "$client" ] || fail 'the sandbox has another form'
openssl x509 -in "$(file encryption-certificate)" -outform DER -out encryption.der
id=$(value application-id)
cat >setup <<SETUP
#!/bin/sh
exec '$smartcmd' setup --service mine --endpoint '$(value endpoint)' --application-id '$id' \
  --username '$(value username)' --password-file '$(file password-file)' --encryption-certificate encryption.der \
  --ca-file '$(file ca-file)' "\$@"
SETUP
chmod 700 setup

# Without an answer nothing is written, and what is wrong is said at once.
expect_failure 'give .*service' "$smartcmd" setup </dev/null
expect_failure 'give .*application-id' "$smartcmd" setup --service production </dev/null
expect_failure 'application-id: .* is not an application id' "$smartcmd" setup --service production --application-id 7
expect_failure 'https://' "$smartcmd" setup --service mine --endpoint http://here
for name in ../mine 'mi]ne' "$(printf 'mi\nne')"; do
  expect_failure 'name has letters' "$smartcmd" setup --service "$name"
done
expect_failure 'holds no certificate' "$smartcmd" setup --service production --application-id "$id" --username u \
  --password-file "$(file password-file)" --encryption-certificate /etc/passwd
plain openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ec.key -out ec.pem -subj /CN=E 2>/dev/null
expect_failure 'no RSA key' ./setup --encryption-certificate ec.pem
echo secret >open
chmod 644 open
expect_failure 'chmod 600' ./setup --password-file open
expect_failure 'Unknown option|desconhecida' ./setup --password secret
[ ! -e "$configuration" ] || fail 'something was written'

expect_success ./setup
grep -q 'Next: smartcmd enrol' out || fail "no next step: $(cat out)"
grep -q "'mine' answers, is who it says" out || fail "the service was not asked: $(cat out err)"
for private in "$configuration" "$XDG_CONFIG_HOME/smartcmd/mine-password"; do
  [ "$(stat -c %a "$private")" = 600 ] || fail "others may read $private"
done
[ "$(stat -c %a "$XDG_CONFIG_HOME/smartcmd")" = 700 ] || fail 'others may look into the directory'

# What is there stays, until --force.
sed -i '1i # a word of mine\n' "$configuration"
cp "$configuration" before
expect_failure 'Nothing was changed' ./setup --username other </dev/null
echo n | expect_failure 'Nothing was changed' ./setup --username other
cmp -s before "$configuration" || fail 'the configuration was changed'
expect_success ./setup --username other --force
grep -q 'configuration is written, but .*user name and password.*smartcmd doctor' err || fail "401 is not told: $(cat err)"
grep -q 'Next: smartcmd enrol' out || fail "no next step: $(cat out)"
grep -q '^username=other' "$configuration" || fail 'it was not replaced'
grep -q '^# a word of mine' "$configuration" || fail 'a comment is lost'
echo y | expect_success ./setup
cmp -s before "$configuration" || fail "not what it was: $(diff before "$configuration")"

# The operator's next certificate joins the one that is there, whether its time is near or over.
python3 "$here/dated_certificate.py" -20 -10 >next.pem
cp "$configuration" before
expect_success "$smartcmd" setup --service mine --encryption-certificate next.pem </dev/null
grep -q 'expired on' err || fail "not a word about its end: $(cat err)"
grep -qE '^encryption-certificate=mine-encryption.pem;mine-encryption-[0-9a-f]{8}.pem$' "$configuration" ||
  fail "$(cat "$configuration")"
cp "$configuration" added
expect_success "$smartcmd" setup --service mine --encryption-certificate next.pem </dev/null
grep -q 'already' out || fail "$(cat out)"
cmp -s added "$configuration" || fail "added twice: $(cat "$configuration")"
expect_failure 'no RSA key' "$smartcmd" setup --service mine --encryption-certificate ec.pem
cmp -s added "$configuration" || fail 'the configuration was changed'
cp before "$configuration"

# A mistake elsewhere in the file leaves everything as it was.
printf '[account x]\nservice=none\nuser-id=+351 910000000\n' >>"$configuration"
cp "$configuration" broken
expect_failure "'none' is not the name" ./setup --username other --force
cmp -s broken "$configuration" || fail 'the configuration was changed'
grep -q "^nonsense" "$configuration" || printf 'nonsense\n' >>"$configuration"
expect_failure "line $(wc -l <"$configuration"): this is neither" ./setup --username other --force
cp before "$configuration"
expect_success "$smartcmd" list
grep -q 'smartcmd enrol NAME' out || fail "what comes next is not told: $(cat out)"

# An account the service does not know leaves the configuration as it was.
expect_failure 'no certificate for this phone number' "$smartcmd" enrol maria --phone 919999999
cmp -s before "$configuration" || fail 'the refused account stays'
if grep -q user-id err; then fail "what is not in the configuration is named: $(cat err)"; fi
expect_failure 'no phone number with .*country' "$smartcmd" enrol maria --phone 12
expect_failure 'no phone number' "$smartcmd" enrol maria </dev/null
expect_failure "no service 'theirs'" "$smartcmd" enrol maria --service theirs
expect_failure 'name has letters' "$smartcmd" enrol my/self
cmp -s before "$configuration" || fail 'the configuration was changed'

# The phone number is asked for, again when it is none.
printf '12\n910 000 000\n' | expect_success "$smartcmd" enrol maria --label 'Maria Joana'
grep -q 'Maria Joana is enrolled' out || fail "$(cat out)"
grep -q '^user-id=+351 910000000$' "$configuration" || fail "$(cat "$configuration")"
grep -q '^# a word of mine' "$configuration" || fail 'a comment is lost'
expect_failure 'not configured yet' "$smartcmd" enrol maria --phone 910000000
expect_success "$smartcmd" enrol --with-pin

# With another account cmd: goes on standing for the first.
expect_success "$smartcmd" enrol ana --phone 910000001
grep -q "'cmd:' alone .* 'maria'" out || fail "nothing is told of the default account: $(cat out)"
grep -q '^default-account=maria$' "$configuration" || fail "$(cat "$configuration")"
expect_success "$smartcmd" uri
grep -q 'cmd:maria' out || fail "$(cat out)"
sed -i '/^default-account=/d' "$configuration"
expect_failure "'--account=maria'" "$smartcmd" sign "$configuration"
expect_failure "'smartcmd show maria'" "$smartcmd" show
expect_success "$smartcmd" forget --all --yes ana

# While a service is asked nothing is written yet: a signal leaves nothing behind, and what else is written stays.
python3 -c '
import os, socket
server = socket.create_server(("127.0.0.1", 0))
with open("port.new", "w") as file:
    file.write(str(server.getsockname()[1]))
os.rename("port.new", "port")
clients = []
while True:
    clients.append(server.accept())
    open("asked", "w").close()' &
silent=$!
trap 'kill $silent; rm -rf "$dir"' EXIT
await() { timeout 60 sh -c "until [ -e $1 ]; do sleep 0.1; done" || fail "no $1"; }
await port
expect_success ./setup --service slow --endpoint "https://127.0.0.1:$(cat port)/" --offline
[ ! -e asked ] || fail 'a service was asked in spite of --offline'
cp "$configuration" before
begin_enrolment() {
  rm -f asked
  "$smartcmd" enrol late --service slow --phone 910000002 >late.out 2>late.err &
  enrolling=$!
  await asked
}
for signal in TERM HUP; do
  begin_enrolment
  kill -$signal $enrolling
  wait $enrolling && fail "it was not interrupted"
  cmp -s before "$configuration" || fail "SIG$signal leaves: $(cat "$configuration")"
done
begin_enrolment
expect_success ./setup --service second
wait $enrolling && fail 'the silent service has enrolled somebody'
grep -q '^.service second.$' "$configuration" || fail "what was written meanwhile is lost: $(cat "$configuration")"
if grep -q late "$configuration"; then fail 'a refused account stays'; fi

# A command that was mistyped
expect_failure "Did you mean 'sign'" "$smartcmd" sing doc
expect_failure 'lists them' "$smartcmd" frobnicate

make_document doc
expect_success openssl cms -sign -binary -in doc -signer cmd:maria -inkey cmd:maria -outform DER -out doc.p7s
[ -s doc.p7s ] || fail 'no signature'
