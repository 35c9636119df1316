#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# A signature has cost a one-time password. Whatever happens between the question and the writing, it is not lost, and
# nothing of anybody else is overwritten. The argument is smartcmd.
. "$(dirname "$0")/lib.sh"

smartcmd=$1

# meanwhile SHELL-SCRIPT: what happens while the person types the one-time password.
meanwhile() { askpass "[ \$1 = pin ] || { $1; }; exec '$answer' \$1"; }

# is_signature FILE OF [OPTION…]: anybody's good signature.
is_signature() {
  signature=$1 content=$2
  shift 2
  plain openssl cms -verify -binary -cades -inform DER -in "$signature" -content "$content" -CAfile "$SMARTCMD_SANDBOX_CA" \
    -purpose any -out /dev/null "$@" 2>complaint || fail "$signature is no signature of $content: $(cat complaint)"
}
is_mine() { [ "$(cat "$1")" = mine ] || fail "$1 was overwritten"; }

# ---- somebody else's file has taken the name
make_document deed
meanwhile "echo mine >'$dir/deed.p7s'"
status 1 "$smartcmd" sign deed
is_mine deed.p7s
is_signature deed.2.p7s deed
grep -q 'deed.2.p7s.*deed.p7s was made by somebody else' err || fail "$(cat err)"

# and the next name as well; a link that leads nowhere is a file of somebody's, too
make_document link
meanwhile "ln -s '$dir/nowhere' '$dir/link.p7s'; echo mine >'$dir/link.2.p7s'"
status 1 "$smartcmd" sign --json link
cp out it.json
json it.json 'it["files"][0]["status"] == "incomplete"' 'it["files"][0]["signature"].endswith("link.3.p7s")'
[ ! -e nowhere ] || fail 'it was written through a link'
is_mine link.2.p7s
is_signature link.3.p7s link

# Where the look and the writing are one step, nobody comes between: also on a file system that cannot rename so.
if strace -o /dev/null true 2>/dev/null; then
  make_document old
  strace --quiet=all -f -o /dev/null -e trace=renameat2 -e inject=renameat2:error=EINVAL "$smartcmd" sign old >out 2>err ||
    fail "$(cat err)"
  is_signature old.p7s old
  make_document taken
  meanwhile "echo mine >'$dir/taken.p7s'"
  status 1 strace --quiet=all -f -o /dev/null -e trace=renameat2 -e inject=renameat2:error=EINVAL "$smartcmd" sign taken
  is_mine taken.p7s
  is_signature taken.2.p7s taken
fi

# ---- the document was changed, or has gone: the signature is of what it was
for attached in '' --attached; do
  for change in "echo more >>'$dir/draft'" "rm '$dir/draft'"; do
    rm -f draft*
    make_document draft
    cp draft before
    meanwhile "$change"
    # shellcheck disable=SC2086  # no option, or one
    status 1 "$smartcmd" sign $attached draft
    is_signature draft.2.p7s before
    [ ! -e draft.p7s ] && [ ! -e draft.p7m ] || fail "it lies where one of the new content belongs: $(ls)"
    grep -q 'draft.2.p7s.*was changed while' err || fail "$(cat err)"
  done
done
# Touched is not changed.
make_document touched
meanwhile "touch -d 2001-01-01 '$dir/touched'"
expect_success "$smartcmd" sign touched
is_signature touched.p7s touched

# ---- the directory has gone, the disk is full
make_document kept
meanwhile "mv '$dir/going' '$dir/gone'"
status 1 "$smartcmd" sign --out-dir going kept
is_signature kept.2.p7s kept
grep -q 'kept.2.p7s.*going/kept.p7s cannot be written' err || fail "$(cat err)"
if grep -qE 'p7s\.[[:alnum:]]{6}\b' err; then fail "a name that nobody gave: $(cat err)"; fi
[ -z "$(find gone -type f)" ] || fail "something is left: $(find gone)"

mkdir of
make_document of/all
cp of/all all
rm -rf gone
meanwhile "mv '$dir/of' '$dir/gone'"
XDG_DATA_HOME="$dir/data" status 1 "$smartcmd" sign --attached of/all
is_signature data/smartcmd/signatures/all.2.p7s all

# No place at all: it is printed.
rm -rf gone
mkdir of
cp all of/all
XDG_DATA_HOME=/proc TMPDIR=/proc status 1 "$smartcmd" sign of/all
sed -n '/^-----BEGIN CMS/,/^-----END CMS/p' err >printed.pem
plain openssl cms -cmsout -inform PEM -in printed.pem -outform DER -out printed.p7s
is_signature printed.p7s all

# ---- a batch: what befalls one leaves the others alone
for n in 1 2 3; do make_document several$n; done
meanwhile "rm '$dir/several2'"
status 1 "$smartcmd" sign --evidence records several1 several2 several3
is_signature several1.p7s several1
is_signature several3.p7s several3
[ -s several2.2.p7s ] || fail "the signature of what has gone is lost: $(cat err)"

# ---- killed while the timestamping authority is silent: the signature is there, and the rerun asks only for the rest
python3 -c '
import os, socket
server = socket.create_server(("127.0.0.1", 0))
with open("port.new", "w") as file:
    file.write(str(server.getsockname()[1]))
os.rename("port.new", "port")
client = server.accept()
open("stamping", "w").close()
client[0].recv(1 << 16)
server.accept()' &
silent=$!
trap 'kill $silent; rm -rf "$dir"' EXIT
await() { timeout 60 sh -c "until [ -e $1 ]; do sleep 0.1; done" || fail "no $1"; }
await port
export SMARTCMD_ASKPASS="$answer"
make_document stamped
"$smartcmd" sign --tsa "http://127.0.0.1:$(cat port)/" stamped >out 2>err &
signing=$!
await stamping
kill -KILL $signing
wait $signing || true
is_signature stamped.p7s stamped
expect_success "$smartcmd" sign stamped
grep -q 'lready signed' out || fail "$(cat out)"
