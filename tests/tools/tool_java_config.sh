#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# smartcmd java-config names module and slot; tests/tools/p11_java.sh has Java use it. The argument is smartcmd.
smartcmd=$1
. "$(dirname "$0")/lib.sh"

number=0
for account in joana tiago; do
  expect_success "$smartcmd" java-config "$account"
  printf 'name = SmartCMD\nlibrary = "%s"\nslotListIndex = %s\n' "$SMARTCMD_PKCS11_MODULE" $number >expected
  sed '/^#/d' out | diff expected - ||
    fail "another configuration"
  number=$((number + 1))
done
expect_success "$smartcmd" java-config --out p11.cfg
[ "$("$smartcmd" java-config joana)" = "$(cat p11.cfg)" ] || fail 'the default account was not taken'
cp p11.cfg kept
expect_failure 'is there already' "$smartcmd" java-config --out p11.cfg
cmp -s p11.cfg kept || fail 'a file was overwritten'
ln -s nowhere link
expect_failure 'is there already' "$smartcmd" java-config --out link
[ ! -e nowhere ] || fail 'a link was followed'
expect_failure "no account 'nobody'" "$smartcmd" java-config nobody
