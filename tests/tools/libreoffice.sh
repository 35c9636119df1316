#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# LibreOffice exports a document to a signed PDF, with the certificate it finds through NSS.
. "$(dirname "$0")/lib.sh"

command -v soffice >/dev/null || { echo 'LibreOffice is not installed: ./test desktop'; exit 77; }

# LibreOffice, its settings and the certificates of its user
mkdir home nss
database=sql:$dir/nss
certutil -N -d "$database" --empty-password
modutil -dbdir "$database" -add SmartCMD -libfile "$SMARTCMD_PKCS11_MODULE" -force >out
certutil -A -d "$database" -n Root -t ,C, -a -i "$SMARTCMD_SANDBOX_CA"
office() {
  LC_ALL=C.UTF-8 HOME=$dir/home MOZILLA_CERTIFICATE_FOLDER=$database timeout -k 5 100 soffice --headless "$@"
}

# It wants the subject as NSS writes it.
subject=$(openssl x509 -in cmd: -noout -subject -nameopt dn_rev,sep_comma_plus,utf8,sname |
  sed 's/^subject=//; s/,GN=/,givenName=/')
echo 'Bom dia, Cidadão.' >letter.txt
filter=pdf:writer_pdf_Export:'{"SignPDF":{"type":"boolean","value":"true"},'
filter=$filter'"SignCertificateSubjectName":{"type":"string","value":"'$subject'"}}'
expect_one_signature office --convert-to "$filter" letter.txt

pdfsig -nssdir "$database" letter.pdf >out
for words in "Signature is Valid" "Certificate is Trusted" "Total document signed"; do
  grep -qF "$words" out || fail "not '$words': $(cat out)"
done

python3 "$here/pdf_signature.py" letter.pdf signature signed
plain openssl cms -verify -binary -inform DER -in signature -content signed -CAfile "$SMARTCMD_SANDBOX_CA" -purpose any \
  -out /dev/null
plain openssl cms -cmsout -inform DER -in signature -noout -print | grep -q 'Joana' || fail 'somebody else signed'
