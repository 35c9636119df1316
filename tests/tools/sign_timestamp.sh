#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# smartcmd sign --tsa, with a timestamping authority of our own.
. "$(dirname "$0")/lib.sh"

smartcmd=$1
ca=$SMARTCMD_SANDBOX_CA

# ---- the authority --------------------------------------------------------------------------------------------------

cat >tsa.cnf <<CNF
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[tsa]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[server]
subjectAltName = IP:127.0.0.1,DNS:tsa.example
[tsa_service]
serial = $dir/serial
crypto_device = builtin
signer_cert = $dir/tsa.pem
signer_key = $dir/tsa.key
certs = $dir/tsa-ca.pem
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
CNF
sed -i '1i [default]\ndefault_tsa = tsa_service\n' tsa.cnf
echo 01 >serial
make_certificate() { # NAME EXTENSIONS [SIGNING-OPTIONS…]
  name=$1
  extensions=$2
  shift 2
  plain openssl req -new -newkey rsa:2048 -nodes -keyout "$name.key" -subj "/CN=$name" -out "$name.csr" 2>err
  plain openssl x509 -req -in "$name.csr" -extfile tsa.cnf -extensions "$extensions" -days 2 -out "$name.pem" "$@" 2>err ||
    fail "$(cat err)"
}
make_certificate tsa-ca ca -signkey tsa-ca.key
make_certificate tsa tsa -CA tsa-ca.pem -CAkey tsa-ca.key -CAcreateserial
make_certificate server server -CA tsa-ca.pem -CAkey tsa-ca.key -CAcreateserial
make_certificate other-ca ca -signkey other-ca.key

pids=
trap 'kill $pids; rm -rf "$dir"' EXIT
start_server() { # NAME [CERTIFICATE KEY]
  name=$1
  shift
  python3 "$here/timestamp_server.py" tsa.cnf "$dir/$name.port" "$@" >"$name.log" 2>"$name.err" &
  pids="$pids $!"
  timeout 60 sh -c "until [ -e '$dir/$name.port' ]; do sleep 0.1; done" || fail "no server: $(cat "$name.err")"
}
start_server plain
start_server tls server.pem server.key
url=http://127.0.0.1:$(cat plain.port)
tls_url=https://127.0.0.1:$(cat tls.port)

# ---- good ones ------------------------------------------------------------------------------------------------------

# stamped FILE OPTION…: signs it, and plain OpenSSL verifies signature and timestamp.
stamped() {
  file=$1
  shift
  make_document "$file"
  expect_success "$smartcmd" sign "$@" "$file"
  timestamp_verifies "$file"
}
timestamp_verifies() {
  plain openssl cms -verify -binary -cades -inform DER -in "$1.p7s" -content "$1" -CAfile "$ca" -purpose any -out /dev/null \
    2>err || fail "plain openssl does not verify $1: $(cat err)"
  python3 - "$1.p7s" <<'PYTHON'
import re, subprocess, sys
octets = open(sys.argv[1], "rb").read()
def parse(*arguments):
    return subprocess.run(["openssl", "asn1parse", "-inform", "DER", "-in", sys.argv[1], *arguments], check=True,
                          stdout=subprocess.PIPE, env={"OPENSSL_CONF": "/dev/null", "PATH": "/usr/bin:/bin"}, text=True).stdout
lines = parse().splitlines()
at = next(i for i, line in enumerate(lines) if "id-smime-aa-timeStampToken" in line)
def whole(line):
    start, header, length = map(int, re.match(r" *(\d+):d=\d+ +hl= *(\d+) +l= *(\d+)", line).groups())
    return octets[start:start + header + length], header
token, _ = whole(lines[at + 2])  # behind the SET
value, header = whole([line for line in lines[:at] if "OCTET STRING" in line][-1])
open("token", "wb").write(token)
open("value", "wb").write(value[header:])
PYTHON
  plain openssl ts -verify -data value -in token -token_in -CAfile tsa-ca.pem >out 2>err ||
    fail "plain openssl does not verify the timestamp of $1: $(cat err)"
}

stamped first --tsa "$url/" --tsa-ca tsa-ca.pem
SSL_CERT_FILE=$dir/tsa-ca.pem stamped sha512 --tsa "$url/" --md sha512
stamped bare --tsa "$url" --tsa-ca tsa-ca.pem
stamped tls --tsa "$tls_url/" --tsa-ca tsa-ca.pem
http_proxy=$url stamped proxied --tsa http://tsa.example/ --tsa-ca tsa-ca.pem
grep -q proxied plain.log
https_proxy=$url stamped tunnelled --tsa "https://tsa.example:$(cat tls.port)/" --tsa-ca tsa-ca.pem
grep -q tunnelled plain.log

expect_success "$smartcmd" verify --ca "$ca" --ca tsa-ca.pem first
grep -qE '^  Timestamp +[^ ].* by CN=tsa$' out || fail "$(cat out)"
expect_success "$smartcmd" verify --ca "$ca" first # the authority is not known, so its timestamp does not count
grep -qE ' by CN=tsa, who is not trusted\. CN=tsa-ca' out || fail "$(cat out)"
status 3 "$smartcmd" verify --ca tsa-ca.pem first # and a timestamp says nothing of who signed
expect_success "$smartcmd" verify --json --ca "$ca" --ca tsa-ca.pem first
python3 -c 'import json; it = json.load(open("out"))["files"][0]["signatures"][0]["timestamp"]
assert it["good"] and it["trusted"] and it["authority"] == "CN=tsa", it'

# ---- bad ones: the signature is kept, and the timestamp can be had later, without a new signature -------------------

count_questions
: >asked
number=0
without_timestamp() { # WORDS OPTION…
  words=$1
  shift
  number=$((number + 1))
  make_document "late$number"
  expect_failure "$words" "$smartcmd" sign "$@" "late$number"
  plain openssl cms -verify -binary -cades -inform DER -in "late$number.p7s" -content "late$number" -CAfile "$ca" \
    -purpose any -out /dev/null 2>err || fail "the signature was lost: $(cat err)"
}
without_timestamp 'another signature' --tsa "$url/other-digest"
without_timestamp 'another request' --tsa "$url/other-nonce" --tsa-ca tsa-ca.pem
without_timestamp 'not good' --tsa "$url/spoilt"
without_timestamp 'status 2' --tsa "$url/refused"
without_timestamp 'RFC 3161' --tsa "$url/nonsense"
without_timestamp '404' --tsa "$url/missing"
without_timestamp 'not trusted.*--tsa-ca' --tsa "$url/" --tsa-ca other-ca.pem
without_timestamp 'not trusted.*--tsa-ca' --tsa "$url/"
without_timestamp 'cannot be asked.*did not prove to be the service' --tsa "$tls_url/" --tsa-ca other-ca.pem
without_timestamp 'cannot be asked.*did not prove to be the service' --tsa "$tls_url/"
without_timestamp 'signature is good, but a timestamp is missing.*127.0.0.1:1 does not answer.*same again' \
  --tsa http://127.0.0.1:1/
http_proxy=http://127.0.0.1:1 without_timestamp 'proxy 127.0.0.1:1 .*does not answer.*http_proxy' --tsa http://tsa.example/
: >asked
expect_success "$smartcmd" sign --tsa "$url/" --tsa-ca tsa-ca.pem late[0-9] late[0-9][0-9]
[ ! -s asked ] || fail "signed again: $(cat asked)"
for file in late[0-9] late[0-9][0-9]; do timestamp_verifies "$file"; done

# ---- a timestamp that is there and is not trusted -------------------------------------------------------------------

cp first.p7s before
expect_failure 'not trusted' "$smartcmd" sign --tsa "$url/" --tsa-ca other-ca.pem first
cmp before first.p7s # no better one was to be had
make_certificate other tsa -CA other-ca.pem -CAkey other-ca.key -CAcreateserial
sed -i "s,/tsa.pem,/other.pem,; s,/tsa.key,/other.key,; s,/tsa-ca.pem,/other-ca.pem," tsa.cnf
expect_success "$smartcmd" sign --tsa "$url/" --tsa-ca other-ca.pem first
grep -q 'timestamp added' out || fail "$(cat out)"
expect_success "$smartcmd" verify --ca "$ca" --ca other-ca.pem first
grep -q 'Timestamp .* by CN=other$' out || fail "$(cat out)"
expect_success "$smartcmd" sign --tsa http://127.0.0.1:1/ --tsa-ca other-ca.pem first
grep -q 'lready signed, first' out || fail "$(cat out)"
[ ! -s asked ] || fail "signed again: $(cat asked)"
