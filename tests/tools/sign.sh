#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# smartcmd sign. What it makes is verified by an OpenSSL that does not load us.
. "$(dirname "$0")/lib.sh"

smartcmd=$1
ca=$SMARTCMD_SANDBOX_CA
count_questions

# plain_verifies FILE: FILE.p7s is anybody's good signature of it.
plain_verifies() {
  plain openssl cms -verify -binary -cades -inform DER -in "${2-$1.p7s}" -content "$1" -CAfile "$ca" -purpose any \
    -out verified 2>err || fail "plain openssl does not verify $1: $(cat err)"
  cmp "$1" verified
}

# expect_questions N: so many PINs and one-time passwords were asked for since the last time.
expect_questions() {
  for question in pin otp; do
    [ "$(grep -c $question asked)" -eq "$1" ] || fail "asked '$(tr '\n' ' ' <asked)', not $1 times"
  done
  : >asked
}

sign() { expect_success "$smartcmd" sign "$@"; }
: >asked

# ---- one file -------------------------------------------------------------------------------------------------------

make_document contract.pdf
sign contract.pdf
expect_questions 1
plain_verifies contract.pdf
expect_success "$smartcmd" verify --ca "$ca" contract.pdf
grep -q 'Joana' out
expect_success "$smartcmd" verify --ca "$ca" contract.pdf.p7s

# The same structure as openssl's own.
plain openssl cms -cmsout -print -noout -inform DER -in contract.pdf.p7s >ours
expect_success openssl cms -sign -cades -nosmimecap -binary -in contract.pdf -signer cmd: -inkey cmd: \
  -certfile cmd:type=chain -outform DER -out theirs.p7s
plain openssl cms -cmsout -print -noout -inform DER -in theirs.p7s >theirs
skeleton() { sed -E '/UTCTIME|^ *[0-9a-f]{4} - /d' "$1"; }
skeleton ours >ours.skeleton
skeleton theirs >theirs.skeleton
diff theirs.skeleton ours.skeleton || fail "the structure is not openssl's"
: >asked

# A second time: nothing is signed twice.
cp contract.pdf.p7s before
sign contract.pdf
grep -q 'lready signed' out
expect_questions 0
cmp before contract.pdf.p7s

# Somebody else's file in the place of the signature stays, unless --force.
make_document draft.pdf
echo mine >draft.pdf.p7s
status 1 "$smartcmd" sign draft.pdf
grep -q -- '--force' err
[ "$(cat draft.pdf.p7s)" = mine ] || fail "a file was overwritten"
cp contract.pdf.p7s draft.pdf.p7s
status 1 "$smartcmd" sign draft.pdf
expect_questions 0
plain openssl req -x509 -newkey rsa:2048 -nodes -keyout stranger.key -subj /CN=Stranger -out stranger.pem 2>err
plain openssl cms -sign -binary -in draft.pdf -signer stranger.pem -inkey stranger.key -outform DER -out draft.pdf.p7s
status 1 "$smartcmd" sign draft.pdf
expect_questions 0
sign --force draft.pdf
expect_questions 1
plain_verifies draft.pdf

# --force replaces a file; what it cannot replace costs no one-time password.
make_document stuck
mkdir stuck.p7s
status 1 "$smartcmd" sign --force stuck
expect_questions 0

# ---- options --------------------------------------------------------------------------------------------------------

for hash in sha256 sha384 sha512; do
  make_document $hash.bin
  sign --md $hash $hash.bin
  plain_verifies $hash.bin
  plain openssl cms -cmsout -print -noout -inform DER -in $hash.bin.p7s | grep -q "algorithm: $hash "
done

make_document 'a carta.txt'
chmod 600 'a carta.txt'
(umask 022 && sign --attached 'a carta.txt')
[ "$(stat -c %a 'a carta.txt.p7m')" = 600 ] || fail "others can read what they could not: $(ls -l)"
plain openssl cms -verify -binary -cades -inform DER -in 'a carta.txt.p7m' -CAfile "$ca" -purpose any -out verified
cmp 'a carta.txt' verified
expect_success "$smartcmd" verify --ca "$ca" 'a carta.txt'
sign --attached 'a carta.txt'
grep -q 'lready signed' out

plain_has() { plain openssl cms -cmsout -print -noout -inform DER -in "$1" | grep -q "$2" || fail "$1 has no $2"; }
for commitment in origin:Origin receipt:Receipt delivery:Delivery sender:Sender approval:Approval creation:Creation; do
  make_document committed
  sign --force --policy --commitment "${commitment%:*}" committed
  plain_verifies committed
  plain_has committed.p7s "id-smime-cti-ets-proofOf${commitment#*:}"
  plain_has committed.p7s '2\.16\.620\.2\.1\.2\.2\.1'
done
"$smartcmd" verify --ca "$ca" committed --json >it.json
json it.json 'it["files"][0]["signatures"][0]["commitments"] == ["creation"]' \
  'it["files"][0]["signatures"][0]["policy"] == "2.16.620.2.1.2.2.1"'

make_document named
askpass "echo \"\$SMARTCMD_DOCUMENTS\" >>'$dir/shown'; exec '$answer' \"\$1\""
sign --name 'Escritura n.º 7' named
sign draft.pdf --force
printf 'Escritura n.º 7\nEscritura n.º 7\ndraft.pdf\ndraft.pdf\n' | cmp - shown
count_questions

mkdir -p one two
make_document one/same
make_document two/same
status 1 "$smartcmd" sign --out-dir new/signed one/same two/same
grep -q 'one/same' err
plain_verifies one/same new/signed/same.p7s
[ "$(find new -type f)" = new/signed/same.p7s ] || fail "more was written: $(find new)"
: >asked

# ---- arguments that are wrong, and files that cannot be signed ------------------------------------------------------

status 2 "$smartcmd" sign
status 2 "$smartcmd" sign --md md5 contract.pdf
status 2 "$smartcmd" sign --commitment nothing contract.pdf
status 2 "$smartcmd" sign --name one contract.pdf draft.pdf
status 2 "$smartcmd" sign --tsa-ca "$ca" contract.pdf
status 2 "$smartcmd" sign --no-such-option contract.pdf
status 2 "$smartcmd" verify
status 2 "$smartcmd" verify --content contract.pdf contract.pdf draft.pdf
status 2 "$smartcmd" sign --tsa ftp://example.org contract.pdf
status 2 "$smartcmd" sign --tsa http://127.0.0.1:1 --tsa-ca missing.pem contract.pdf
expect_failure 'nobody' "$smartcmd" sign --account nobody contract.pdf
for command in sign verify; do
  "$smartcmd" $command --help >out
  grep -q -- --json out
done

: >empty
mkfifo pipe
make_document good
status 1 "$smartcmd" sign missing . empty pipe - good ./good --json
expect_questions 1
cp out it.json
json it.json 'it["done"] == 1 and it["missing"] == 6' '[f["status"] for f in it["files"]].index("signed") == 5' \
  'len({f["reason"] for f in it["files"] if f["status"] == "failed"}) == 6'
plain_verifies good

# What cannot be written is told before anybody is asked, and does not keep the others.
: >asked
make_document kept
make_document other
status 1 "$smartcmd" sign --out-dir /proc kept  # where not even root may write
grep -q '/proc/kept.p7s cannot be written' err
status 1 "$smartcmd" sign --evidence /proc kept
status 1 sh -c 'ulimit -f 32; exec "$@"' - "$smartcmd" sign kept  # 16 KiB; a disk may be full as well
grep -q 'kept.p7s cannot be written' err
expect_questions 0
[ ! -e kept.p7s ] || fail "something was written"
askpass "cp '$dir/err' '$dir/told'; exec '$answer' \$1"
status 1 "$smartcmd" sign missing kept other
grep -q '^smartcmd: missing: ' told || fail "asked before it was told: $(cat told)"
[ "$(grep -c '^smartcmd: missing: ' err)" -eq 1 ] || fail "not told once: $(cat err)"
plain_verifies kept
plain_verifies other

# An interruption ends it as it would any other command, so that a loop of the shell ends too.
for signal in 1 2 15; do
  make_document "by$signal"
  askpass "kill -$signal \"\$(cat '$dir/pid')\"; exec sleep 60"
  status $((128 + signal)) sh -c 'echo $$ >pid; exec "$@"' - "$smartcmd" sign "by$signal"
  grep -q Interrupted err || fail "$(cat err)"
done
count_questions

# ---- the same again, and the signatures are among the files ---------------------------------------------------------

mkdir again
make_document again/one
make_document again/two
sign again/*
: >asked
sign again/*
grep -q 'again/one.p7s: skipped' out || fail "$(cat out)"
sign --json again/*
cp out it.json
json it.json 'it["done"] == 2 and it["missing"] == 0' \
  '[f["status"] for f in it["files"]] == ["already-signed", "skipped", "already-signed", "skipped"]'
sign --attached --out-dir again/inside again/one again/two.p7s
expect_questions 1
sign --force again/o*
expect_questions 1
status 1 "$smartcmd" sign again/one.p7s
grep -q -- '--force' err
expect_questions 0
sign --force again/one.p7s
expect_questions 1
plain_verifies again/one.p7s
[ "$(find again -type f | wc -l)" -eq 6 ] || fail "more was signed: $(find again)"

# ---- what is printed does not arrive --------------------------------------------------------------------------------

expect_failure 'could not be written' sh -c '"$1" sign --json again/one >/dev/full' - "$smartcmd"
python3 - "$smartcmd" sign --json again/one <<'PYTHON'
import os, subprocess, sys
nobody, ours = os.pipe()
os.close(nobody)
done = subprocess.run(sys.argv[1:], stdout=ours, stderr=subprocess.PIPE)
assert done.returncode == 0 and not done.stderr, done  # as with "| head"
PYTHON

# ---- evidence -------------------------------------------------------------------------------------------------------

askpass "echo \"\${SMARTCMD_PROCESS_ID-}\" >'$dir/process'; '$answer' \"\$1\" | tee -a '$dir/secrets'"
make_document deed.pdf
sign --evidence records --json deed.pdf
cp out it.json
record=$(echo records/*/)
json it.json 'it["files"][0]["evidence"] + "/" == "'"$record"'"'
cmp deed.pdf "$record/deed.pdf"
cmp deed.pdf.p7s "$record/deed.pdf.p7s"
json "$record/record.json" 'it["original"]["file"] == "deed.pdf"' \
  "it['original']['sha256'] == '$(sha256sum <deed.pdf | cut -d' ' -f1)'" \
  "it['signed']['sha256'] == '$(sha256sum <deed.pdf.p7s | cut -d' ' -f1)'" \
  "it['process-id'] == '$(cat process)'" \
  'it["certificate"].startswith("-----BEGIN CERTIFICATE-----")'
python3 - "$record/record.json" <<'PYTHON'
import base64, json, sys
record = json.load(open(sys.argv[1], encoding="utf-8"))
open("value", "wb").write(base64.b64decode(record["signature"]))
open("digest", "wb").write(bytes.fromhex(record["digest"]["value"]))
open("signer.pem", "w", encoding="ascii").write(record["certificate"])
PYTHON
plain openssl pkeyutl -verify -certin -inkey signer.pem -pkeyopt digest:sha256 -in digest -sigfile value
[ "$(wc -l <secrets)" -eq 2 ] || fail "no secrets were kept to look for"
phone=$(sed -n 's/^user-id=+351 *//p' "$SMARTCMD_CONFIG" | head -n 1)
for secret in $(cat secrets) "$phone"; do
  if grep -rqF "$secret" records/*/record.json out err; then fail "a secret is in the record"; fi
done
[ -z "$(find records -type d -perm /077)" ] || fail "others can read the records: $(find records -type d -ls)"

# ---- when the service refuses ---------------------------------------------------------------------------------------

# One wrong one-time password loses that signature alone; a wrong PIN ends the run.
for file in first second third; do make_document $file; done
askpass "if [ \$1 = otp ] && [ \"\$SMARTCMD_DOCUMENTS\" = second ]; then echo 000000; else exec '$answer' \$1; fi"
status 1 "$smartcmd" sign --one-by-one first second third
grep -q 802 err
plain_verifies first
plain_verifies third
[ ! -e second.p7s ] || fail "something was written"
askpass "echo \"\$1\" >>'$dir/asked'; if [ \$1 = pin ]; then echo 0000; else exec '$answer' \$1; fi"
make_document fourth
: >asked
status 1 "$smartcmd" sign --one-by-one second fourth
grep -q 801 err
[ "$(cat asked)" = pin ] || fail "a wrong PIN was given again"
count_questions
: >asked
sign --one-by-one first second third fourth
expect_questions 2
# One for all, unless somebody wants it otherwise; what was signed before is not called signed now.
sign first second third fourth
grep -q '^4 files were signed already' out || fail "$(cat out)"
if grep -q 'are signed' out; then fail "as if it had signed: $(cat out)"; fi
expect_questions 0
sign --force first second third fourth
grep -q '^4 files are signed' out || fail "$(cat out)"
expect_questions 1

# ---- 250 files ------------------------------------------------------------------------------------------------------

make_files() {
  mkdir "$1"
  for n in $(seq 250); do echo "document $n of $1" >"$1/$n.txt"; done
}
verify_files() {
  for file in "$1"/*.txt; do plain_verifies "$file"; done
  expect_success "$smartcmd" verify --ca "$ca" "$1"/*.txt
}
make_files all
: >asked
sign all/*.txt
expect_questions 3
printf 'Batch 1 of 3: 100 files.\nBatch 2 of 3: 100 files.\nBatch 3 of 3: 50 files.\n' | cmp - err
verify_files all

# How far it is appears on a terminal, and nowhere else.
make_document shown1
make_document shown2
python3 - "$smartcmd" sign shown1 shown2 <<'PYTHON'
import os, pty, subprocess, sys
ours, theirs = pty.openpty()
done = subprocess.run(sys.argv[1:], stderr=theirs, stdout=subprocess.PIPE, check=True)
os.close(theirs)
seen = b""
try:
    while piece := os.read(ours, 1 << 16):
        seen += piece
except OSError:
    pass  # EIO is the end
assert b"] 1/2  shown2" in seen and seen.endswith(b"\r\033[K"), seen
assert b"/2" not in done.stdout, done.stdout
PYTHON
# A hundred lines nobody reads on a terminal; whoever reads them elsewhere gets them.
python3 - "$smartcmd" sign all/*.txt <<'PYTHON'
import os, pty, subprocess, sys
ours, theirs = pty.openpty()
done = subprocess.run(sys.argv[1:], stdout=theirs, check=True)
os.close(theirs)
seen = os.read(ours, 1 << 16)
assert seen == b"250 files were signed already.\r\n", seen
PYTHON
make_document shown3
sign shown3
if grep -q '/1' err; then fail "progress where nobody looks: $(cat err)"; fi

# The second batch is cancelled: what is said is not that nothing was signed.
make_files cancelled
: >asked
askpass "echo \"\$1\" >>'$dir/asked'
if [ \"\$(grep -c pin '$dir/asked')\" -gt 1 ]; then exit 1; fi
exec '$answer' \"\$1\""
status 1 "$smartcmd" sign cancelled/*.txt
grep -q '100 signatures made before it are kept' err || fail "$(cat err)"
if grep -q 'Nothing was signed' err; then fail "$(cat err)"; fi
[ "$(find cancelled -name '*.p7s' | wc -l)" -eq 100 ] || fail "not a hundred signatures"

# Interrupted in the middle of a file that takes minutes to read: nobody waits for its end.
truncate -s 1T huge
"$smartcmd" sign huge 2>err &
signing=$!
timeout 60 sh -c "until ls -l /proc/$signing/fd | grep -q /huge; do :; done" || fail "it is not read: $(cat err)"
kill -TERM $signing
timeout 60 tail --pid=$signing -f /dev/null || { kill -KILL $signing; fail "it reads on"; }
interrupted=0
wait $signing || interrupted=$?
[ "$interrupted" -eq 143 ] || fail "it ended with $interrupted"
grep -q Interrupted err || fail "$(cat err)"
rm huge

# Interrupted while the second batch is asked for: the first is there and is not signed again.
make_files some
interrupted=0
: >asked
askpass "echo \"\$1\" >>'$dir/asked'
if [ \"\$(grep -c pin '$dir/asked')\" -gt 1 ]; then kill -TERM \"\$(cat '$dir/pid')\"; exec sleep 60; fi
exec '$answer' \"\$1\""
sh -c 'echo $$ >pid; exec "$@"' - "$smartcmd" sign --json some/*.txt >it.json 2>err || interrupted=$?
[ "$interrupted" -eq 143 ] || fail "nothing was interrupted"
expect_no_agent
json it.json 'it["done"] == 100 and it["missing"] == 150 and it["reason"]' \
  'all((f["status"] == "signed") == __import__("os").path.exists(f["file"] + ".p7s") for f in it["files"])'
[ "$(find some -name '*.p7s' | wc -l)" -eq 100 ] || fail "not a hundred signatures"
[ "$(find some -type f | wc -l)" -eq 350 ] || fail "something else is left: $(ls -a some)"
sha256sum some/*.p7s >first
count_questions
: >asked
sign some/*.txt
expect_questions 2
sha256sum --check --quiet first
verify_files some
