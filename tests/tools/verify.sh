#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# smartcmd verify: what it calls good, and what it must not.
. "$(dirname "$0")/lib.sh"

smartcmd=$1
ca=$SMARTCMD_SANDBOX_CA

# verdict STATUS WORDS ARGUMENT…: what smartcmd verify says.
verdict() {
  wanted=$1
  words=$2
  shift 2
  status "$wanted" "$smartcmd" verify "$@"
  grep -qE "$words" out || fail "not a word of '$words' from: verify $* -- $(cat out err)"
}
not_signed='content is not what was signed'

make_document contract.pdf
expect_success "$smartcmd" sign contract.pdf
good='contract.pdf.p7s: The signature is good'
verdict 0 "^$good and trusted\.$" --ca "$ca" --content contract.pdf contract.pdf.p7s
# The service could have issued a certificate in any name, so its word is a verdict of its own.
account_only="^$good\. Only the service of account 'joana' vouches for who signed\. If you trust its authority, name it with --ca FILE\\."
verdict 3 "$account_only" contract.pdf
status 3 "$smartcmd" verify --json contract.pdf
cp out it.json
json it.json 'not it["good"]' 'not it["files"][0]["good"]' \
  '(lambda one: one["good"] and not one["trusted"] and one["verdict"] == "account-only" and one["account"] == "joana" and "authority" not in one)(it["files"][0]["signatures"][0])'
cp contract.pdf changed.pdf
echo more >>changed.pdf
cp contract.pdf.p7s changed.pdf.p7s
verdict 1 "$account_only" changed.pdf contract.pdf
verdict 1 "^changed.pdf.p7s: The $not_signed" --ca "$ca" changed.pdf contract.pdf
status 1 "$smartcmd" verify --json --ca "$ca" changed.pdf contract.pdf
cp out it.json
json it.json 'not it["good"]' '[f["good"] for f in it["files"]] == [False, True]' \
  '[f["signatures"][0]["verdict"] for f in it["files"]] == ["not-good", "trusted"]'
# The octet in the middle of the signature, which is last.
python3 - <<'PYTHON'
octets = bytearray(open("contract.pdf.p7s", "rb").read())
octets[-100] ^= 1
open("changed.p7s", "wb").write(octets)
PYTHON
verdict 1 "^changed.p7s: The signature was not made with the key of the signer's certificate\.$" \
  --content contract.pdf changed.p7s
echo nonsense >nonsense.p7s
: >empty.p7s
plain openssl crl2pkcs7 -nocrl -certfile "$ca" -outform DER -out certificates.p7s
: >certificates
status 1 "$smartcmd" verify certificates.p7s
grep -q 'There is no signature inside' out || fail "$(cat out)"
status 1 "$smartcmd" verify nonsense.p7s missing.p7s unsigned empty.p7s
plain openssl cms -cmsout -inform DER -in contract.pdf.p7s -outform PEM -out contract.pem
expect_success "$smartcmd" verify --ca "$ca" --content contract.pdf contract.pem

# A stranger is trusted with --ca alone.
plain openssl req -x509 -newkey rsa:2048 -nodes -keyout stranger.key -subj /CN=Stranger -out stranger.pem 2>err
plain openssl cms -sign -binary -in contract.pdf -signer stranger.pem -inkey stranger.key -outform DER -out stranger.p7s
stranger='stranger.p7s: The signature is good, but not trusted\. CN=Stranger is not an authority trusted here\.'
verdict 1 "^$stranger --ca FILE makes it one\.$" --content contract.pdf stranger.p7s
expect_success "$smartcmd" verify --ca stranger.pem --content contract.pdf stranger.p7s
# Without an account there is still the --ca.
SMARTCMD_CONFIG=/dev/null expect_success "$smartcmd" verify --ca "$ca" contract.pdf

# ---- the content is inside ------------------------------------------------------------------------------------------

make_document letter
expect_success "$smartcmd" sign --attached letter
verdict 0 'Content +letter$' --ca "$ca" letter
verdict 0 'Content +letter$' --ca "$ca" letter.p7m
verdict 0 'Content +contract.pdf$' --ca "$ca" contract.pdf
echo more >>letter
verdict 1 "$not_signed" letter
verdict 1 "$not_signed" letter.p7m
verdict 1 "$not_signed" --content contract.pdf letter.p7m
status 1 "$smartcmd" verify --json letter
cp out it.json
json it.json 'it["files"][0]["content"] == "letter"' 'not it["files"][0]["signatures"][0]["good"]'
head -c 5 letter >beginning
verdict 1 "$not_signed" --content beginning letter.p7m
cp letter.p7m moved.p7m
verdict 0 'Content +inside' --ca "$ca" moved.p7m
cp letter.p7m other.pdf.p7s # whatever it is called
cp contract.pdf other.pdf
verdict 1 "$not_signed" other.pdf
status 0 "$smartcmd" verify --ca "$ca" --json moved.p7m
cp out it.json
json it.json '"content" not in it["files"][0]'

# ---- what was never signed ------------------------------------------------------------------------------------------

# The signature is that of the signed attributes. Without them it would be one of a file with their octets.
python3 - contract.pdf.p7s forged forged.p7s <<'PYTHON'
import sys

def parts(octets):
    at = 0
    while at < len(octets):
        begin, length = at + 2, octets[at + 1]
        if length & 0x80:
            begin += length & 0x7F
            length = int.from_bytes(octets[at + 2:begin], "big")
        yield octets[at], octets[begin:begin + length], octets[at:begin + length]
        at = begin + length

def der(tag, octets):
    size = len(octets).to_bytes(4, "big")
    return bytes([tag, 0x84]) + size + octets

source, attributes, forged = sys.argv[1:]
kind, (_, outer, _) = parts(next(parts(open(source, "rb").read()))[1])
*before, (_, signers, _) = parts(next(parts(outer))[1])
fields = list(parts(next(parts(signers))[1]))
signed = next(field for field in fields if field[0] == 0xA0)
open(attributes, "wb").write(b"\x31" + signed[2][1:])
signer = der(0x30, b"".join(field[2] for field in fields if field is not signed))
data = der(0x30, b"".join(part[2] for part in before) + der(0x31, signer))
open(forged, "wb").write(der(0x30, kind[2] + der(0xA0, data)))
PYTHON
plain openssl cms -verify -binary -inform DER -in forged.p7s -content forged -CAfile "$ca" -purpose any -out /dev/null 2>err ||
  fail "the forgery is none: $(cat err)"
verdict 1 'no signed attributes' forged

make_document padded
expect_success "$smartcmd" sign padded
printf '\0' >>padded.p7s
verdict 1 'no CMS signature' padded

printf '%%PDF-1.7\n1 0 obj << /Type /Sig /ByteRange [0 9 11 20] /Contents <00> >> endobj\n' >inside.pdf
verdict 1 '^inside.pdf: The signature is inside this PDF, .*pdfsig, Okular' inside.pdf
printf '%%PDF-1.7\n1 0 obj << /Contents 2 0 R >> endobj\n' >none.pdf
verdict 1 '^none.pdf: There is no signature inside, and none beside it\.$' none.pdf

# ---- who is not to be trusted ---------------------------------------------------------------------------------------

# signed_by NAME EXTENSIONS OPTION…: contract.pdf, signed by somebody with a certificate that a CA of ours has issued.
plain openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -subj /CN=CA -out ca.pem -addext keyUsage=keyCertSign 2>err
signed_by() {
  name=$1
  plain openssl req -new -newkey "${key-rsa:2048}" -nodes -keyout "$name.key" -subj "/CN=$name" -out "$name.csr" 2>err
  printf 'keyUsage=nonRepudiation\n%b' "$2" >extensions
  plain openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions "${issue--sha256}" \
    -out "$name.pem" 2>err
  shift 2
  plain openssl cms -sign -binary -in contract.pdf -signer "$name.pem" -inkey "$name.key" -outform DER -out "$name.p7s" "$@"
}
with_ca() { verdict "$1" "$2" --ca ca.pem --content contract.pdf "$3"; }

signed_by somebody ''
with_ca 0 'good and trusted' somebody.p7s
signed_by cades '' -cades
with_ca 0 'good and trusted' cades.p7s
signed_by typed '' -econtent_type 1.2.840.113549.1.9.16.1.4
with_ca 1 'no document: it is of the type 1.2.840.113549.1.9.16.1.4' typed.p7s
signed_by server 'extendedKeyUsage=serverAuth,clientAuth\n'
with_ca 1 'not for signing documents' server.p7s
for purpose in emailProtection anyExtendedKeyUsage 1.3.6.1.5.5.7.3.36 1.3.6.1.4.1.311.10.3.12 1.2.840.113583.1.1.5; do
  signed_by $purpose "extendedKeyUsage=clientAuth,$purpose\n"
  with_ca 0 'good and trusted' $purpose.p7s
done
for hash in md5 sha1; do
  signed_by $hash '' -md $hash
  with_ca 1 'a hash that is broken' $hash.p7s
done
signed_by unsigned '' -noattr
with_ca 1 'no signed attributes' unsigned.p7s
key=rsa:1024 signed_by short ''
with_ca 1 "key of the signer's certificate is too short" short.p7s
issue=-sha1 signed_by issued ''
with_ca 1 'CN=issued was issued with a hash that is broken' issued.p7s
