#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# What programs read of smartcmd, and the ways people ask it for help. The argument is smartcmd.
smartcmd=$1
. "$(dirname "$0")/lib.sh"

export LC_ALL=C.UTF-8
read_json() {
  "$@" >it.json || fail "status $? from: $*"
}
read_json "$smartcmd" list --json
json it.json '[(a["name"], a["state"]) for a in it["accounts"]] == [("joana", "enrolled"), ("tiago", "enrolled")]' \
  'it["accounts"][0]["certificate"] and it["accounts"][0]["valid-until"]'
read_json "$smartcmd" show --json tiago
json it.json 'it["label"] == "Tiago"' 'not it["certificate"]["expired"] and it["certificate"]["key-bits"] >= 2048' \
  'it["authorities"]' 'any(uri["uri"].startswith("cmd:") for uri in it["uris"])'
read_json "$smartcmd" doctor --json --offline
json it.json 'it["problems"] == 0' '{finding["state"] for finding in it["findings"]} <= {"ok", "hint"}' \
  'any(finding["sentence"].startswith("Prompts: /") for finding in it["findings"])'
rm "$(dirname "$sandbox_configuration")/state/tiago.pem"
read_json "$smartcmd" list --json
json it.json 'it["accounts"][1]["state"] == "not-enrolled"'

# Help and version, however they are asked for
"$smartcmd" sign --help >expected
read_json "$smartcmd" help sign
cmp expected it.json
expect_failure "Did you mean 'sign'" "$smartcmd" help sing
for version in -v -V version --version; do
  "$smartcmd" $version | grep -qx 'smartcmd [0-9.]*' || fail "$version"
done
expect_failure "smartcmd: '': The name of the file is empty" "$smartcmd" sign ''

# A PDF's reader does not look beside it: that is said once.
make_document one.pdf
make_document two.pdf
make_document three
expect_success "$smartcmd" sign one.pdf two.pdf three
[ "$(grep -c 'A PDF reader does not show' out)" -eq 1 ] || fail "$(cat out)"
expect_success "$smartcmd" sign one.pdf two.pdf three
if grep -q 'A PDF reader' out; then fail 'said although nothing was signed'; fi

# The example of smartcmd-agent(8) answers for the person.
awk '/^#!\/bin\/sh/ { on = 1 } /^```/ { on = 0 } on' "$2/docs/man/smartcmd-agent.8.scd" |
  sed "s|/etc/seal/pin|$(dirname "$sandbox_configuration")/pin|; s|/srv/signing/outbox|$SMARTCMD_SANDBOX_OUTBOX|" >seal
chmod 700 seal
SMARTCMD_ASKPASS=$dir/seal expect_success "$smartcmd" sign --force three
