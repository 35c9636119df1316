#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# NSS (Firefox, Thunderbird, LibreOffice) lists and signs; poppler signs a PDF with one one-time password.
. "$(dirname "$0")/p11_lib.sh"

nss_database db

expect_no_question certutil -L -d sql:db -h all
grep -q '^Joana:Joana .*u,u,u' out || fail "no certificate of our own: $(cat out)"
expect_no_question certutil -K -d sql:db -h Joana
grep -q 'rsa .* Joana' out || fail "no key: $(cat out)"
expect_no_question certutil -V -d sql:db -u S -n Joana:Joana

make_document doc
expect_one_signature cmsutil -S -d sql:db -N Joana:Joana -Y NONE -i doc -o doc.p7
cmsutil -D -d sql:db -i doc.p7 -n -h 1 | grep -q 'signer0.status=GoodSignature' || fail "NSS does not verify"
verify_cms DER doc.p7
expect_one_signature cmsutil -S -d sql:db -N Joana:Joana -Y NONE -T -H SHA512 -i doc -o doc.p7
verify_cms DER doc.p7 doc

make_pdf doc.pdf
expect_no_question pdfsig -nssdir sql:db -list-nicks
grep -q 'Joana:Joana' out || fail "no nickname: $(cat out)"
expect_one_signature pdfsig -nssdir sql:db -nick Joana:Joana -add-signature doc.pdf signed.pdf
expect_success pdfsig -nssdir sql:db signed.pdf
cat out
grep -q 'Signature is Valid' out || fail "the signature of the PDF is not valid"
grep -q 'Certificate is Trusted' out || fail "the certificate is not trusted"

# Poppler up to 22.12 signs once before to learn a size; who wants that gets it.
edit_configuration 's/^\[smartcmd\]/&\nprobes=no/'
grep -q '^probes=no' smartcmd.conf || fail 'the configuration has no [smartcmd]'
: >asked
expect_success pdfsig -nssdir sql:db -nick Joana:Joana -add-signature doc.pdf signed.pdf
case $(pdfsig -v 2>&1 | sed -n 's/.*version \([0-9]*\).*/\1/p') in
  22) [ "$(grep -c otp asked)" -eq 2 ] || fail "asked: $(cat asked)" ;;
esac
