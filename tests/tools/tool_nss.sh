#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# smartcmd nss registers the module in the databases of a home, once, and takes it out again. The argument is smartcmd.
smartcmd=$1
. "$(dirname "$0")/lib.sh"

export HOME="$dir/home" LC_ALL=C.UTF-8
firefox=$HOME/.mozilla/firefox/abc.default-esr
thunderbird=$HOME/.thunderbird/xyz.default
chromium=$HOME/.pki/nssdb
snap=$HOME/snap/firefox/common/.mozilla/firefox/abc.default
modules() { OPENSSL_CONF=/dev/null modutil -dbdir "sql:$1" -list; }
has_module() { modules "$1" | grep -qF "library name: $SMARTCMD_PKCS11_MODULE"; }

# A sandbox does not touch the person's own.
mkdir -p "$HOME" "$chromium"
certutil -N -d "sql:$chromium" --empty-password
expect_failure 'no part of this sandbox.*--database' "$smartcmd" nss add
if has_module "$chromium"; then fail 'the module of a sandbox is in the person'"'"'s database'; fi
rm -rf "$chromium"
# What follows is done outside of it, but for doctor.
inside=$smartcmd smartcmd=$dir/smartcmd
printf '#!/bin/sh\nunset SMARTCMD_SANDBOX_CA\nexec "%s" "$@"\n' "$inside" >"$smartcmd"
chmod 700 "$smartcmd"

expect_success "$smartcmd" nss add
grep -q 'No database.*--create' out || fail "$(cat out)"

# Programs without a profile of their own: a database is made, where it is wanted.
expect_success "$smartcmd" nss add --create
[ "$(stat -c %a "$chromium")" = 700 ] || fail "others see it: $(ls -ld "$chromium")"
has_module "$chromium" || fail "no module: $(cat out)"
expect_success certutil -K -d "sql:$chromium" -h Joana
expect_success "$smartcmd" nss add --create -d "$dir/made/here"
has_module made/here || fail "no module: $(cat out)"
expect_failure 'could be made in /proc/nss' "$smartcmd" nss add --create -d /proc/nss
expect_failure 'goes with add' "$smartcmd" nss remove --create
rm -rf "$chromium" made
for database in "$firefox" "$thunderbird" "$chromium" "$snap" "$dir/other"; do
  mkdir -p "$database"
  certutil -N -d "sql:$database" --empty-password
done
mkdir -p "$HOME/.mozilla/firefox/Crash Reports"

status=0
"$inside" doctor --offline >out || status=$?
[ "$status" -eq 0 ] || fail "a module that is nowhere registered is no problem: $(cat out)"
[ "$(grep -c '^HINT .*nss add' out)" -eq 3 ] || fail "doctor does not see the databases: $(cat out)"

expect_success "$smartcmd" nss add
[ "$(grep -c 'was added' out)" -eq 3 ] || fail "not three added: $(cat out)"
grep -q 'snap.*container' out || fail "nothing about the snap: $(cat out)"
for database in "$firefox" "$thunderbird" "$chromium"; do
  has_module "$database" || fail "no module in $database: $(modules "$database")"
done
if has_module "$snap" || has_module other; then fail 'a module where none was wanted'; fi
expect_success certutil -K -d "sql:$firefox" -h Joana
"$inside" doctor --offline >out
[ "$(grep -c '^OK *NSS' out)" -eq 3 ] || fail "doctor does not see the module: $(cat out)"

# Again: nothing changes. One of another installation is replaced.
sum() { cat "$firefox/pkcs11.txt" "$chromium/pkcs11.txt" | sha256sum; }
before=$(sum)
expect_success "$smartcmd" nss add
[ "$(grep -c 'there already' out)" -eq 3 ] || fail "$(cat out)"
[ "$before" = "$(sum)" ] || fail 'the databases were changed'
sed -i "s|^library=.*smartcmd.*|library=/nowhere/smartcmd-pkcs11.so|" "$chromium/pkcs11.txt"
expect_success "$smartcmd" nss add
has_module "$chromium" || fail "the module of another installation stays: $(modules "$chromium")"

# A program that runs keeps its database; one that was killed does not.
ln -s "127.0.1.1:+$$" "$firefox/lock"
expect_failure 'Firefox: it is running.*Close it' "$smartcmd" nss remove
has_module "$firefox" || fail 'the module is gone'
if has_module "$thunderbird"; then fail 'the others were not done'; fi
ln -sf "127.0.1.1:+4194305" "$firefox/lock"
expect_success "$smartcmd" nss remove
if has_module "$firefox"; then fail 'the module is still there'; fi
grep -q 'Thunderbird: the module is not there' out || fail "$(cat out)"

# Databases that are named, and no others
expect_success "$smartcmd" nss add --database "sql:$dir/other" -d "$thunderbird"
has_module other || fail "no module: $(modules other)"
if has_module "$firefox"; then fail 'a module where none was wanted'; fi
expect_success "$smartcmd" nss add -d "$chromium"
grep -q '^Chromium (and others): ' out || fail "named otherwise than without --database: $(cat out)"
expect_success "$smartcmd" nss remove -d "$chromium"
expect_failure 'holds no database.*--create' "$smartcmd" nss add -d "$HOME"
expect_failure 'add or remove' "$smartcmd" nss
expect_failure 'add or remove' "$smartcmd" nss list
expect_failure 'libnss3-tools' env PATH=/nowhere "$smartcmd" nss remove -d "$dir/other"
