#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# OpenSC's pkcs11-tool signs with every mechanism, and its spy sees nothing unusual.
. "$(dirname "$0")/p11_lib.sh"

printf '#!/bin/sh\nexec pkcs11-tool --module "%s" --token-label Joana "$@"\n' "$module" >tool
chmod 700 tool

expect_no_question pkcs11-tool --module "$module" -L
grep -q 'token label *: Joana' out || fail "no token: $(cat out)"
expect_no_question ./tool -M
expect_no_question ./tool -O
grep -q 'Private Key Object; RSA' out || fail "no key: $(cat out)"
id=$(sed -n 's/^  ID: *//p' out | head -1)
[ "$(grep -c "ID: *$id" out)" -eq 3 ] || fail "keys and certificate have no common id: $(cat out)"
expect_no_question ./tool --read-object --type pubkey --id "$id" -o public.der
openssl pkey -pubin -inform DER -in public.der -out public.pem

make_document doc
for hash in SHA256 SHA384 SHA512; do
  # A signature of the document with our hash, and one of a DigestInfo made elsewhere
  expect_one_signature ./tool --id "$id" -s -m $hash-RSA-PKCS -i doc -o signature
  openssl dgst -$hash -verify public.pem -signature signature doc
  case $hash in
    SHA256) prefix='\60\61\60\15\6\11\140\206\110\1\145\3\4\2\1\5\0\4\40' ;;
    SHA384) prefix='\60\101\60\15\6\11\140\206\110\1\145\3\4\2\2\5\0\4\60' ;;
    SHA512) prefix='\60\121\60\15\6\11\140\206\110\1\145\3\4\2\3\5\0\4\100' ;;
  esac
  # shellcheck disable=SC2059  # octal digits
  { printf "$prefix"; openssl dgst -$hash -binary doc; } >digest-info
  expect_one_signature ./tool --id "$id" -s -m RSA-PKCS -i digest-info -o same
  cmp signature same
  expect_no_question ./tool --id "$id" --verify -m $hash-RSA-PKCS -i doc --signature-file signature
  grep -q 'Signature is valid' out || fail "$(cat out)"
done

# Refused before anybody is asked
expect_failure 'CKR_DATA_' ./tool --id "$id" -s -m RSA-PKCS -i public.pem -o refused
expect_failure 'CKR_MECHANISM_INVALID|not supported' ./tool --id "$id" -s -m SHA1-RSA-PKCS -i doc -o refused

# Without a mechanism the first is taken, and a login that is not needed does no harm.
count_questions
: >asked
expect_success ./tool -l --pin "$SMARTCMD_SANDBOX_PIN" -s -i doc -o signature
[ "$(cat asked)" = otp ] || fail "asked: $(cat asked)"
openssl dgst -sha256 -verify public.pem -signature signature doc

# Only what the specification asks for, and what is not there
export PKCS11SPY="$module" PKCS11SPY_OUTPUT="$dir/spy.log"
spy=$(find /usr/lib -name pkcs11-spy.so | head -1)
expect_one_signature pkcs11-tool --module "$spy" -s -m SHA256-RSA-PKCS -i public.der -o signature
expect_success pkcs11-tool --module "$spy" -O
grep 'Returned:' spy.log | sort | uniq -c
if grep 'Returned:' spy.log | grep -v 'CKR_OK\|CKR_ATTRIBUTE_TYPE_INVALID'; then fail "see above"; fi
