#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Every command of docs/openssl.md with every way to activate the provider: exactly one one-time password for a
# signature, none for the rest, and each product verified by an OpenSSL that does not load us.
. "$(dirname "$0")/lib.sh"

module=$(sed -n 's/^module *= *//p' "$OPENSSL_CONF" | grep smartcmd)
account=$(sed -n 's/^default-account=//p' "$SMARTCMD_CONFIG")
second=$(sed -n 's/^\[account \(.*\)\]$/\1/p' "$SMARTCMD_CONFIG" | grep -vx "$account")
ca=$SMARTCMD_SANDBOX_CA

# Each question of the agent is counted.
askpass "echo \"\$1\" >>'$dir/asked'; exec '$answer' \"\$1\""

# ---- how the provider is activated ----------------------------------------------------------------------------------

configuration() { # NAME FIRST SECOND [PROPERTIES]
  cat >"$1.cnf" <<CNF
openssl_conf = init
[init]
providers = providers
alg_section = evp
[providers]
$2 = $2_section
$3 = $3_section
[default_section]
activate = 1
[smartcmd_section]
module = $module
activate = 1
[evp]
${4:+default_properties = $4}
[ca]
default_ca = ca_default
[ca_default]
database = $dir/index.txt
new_certs_dir = $dir
rand_serial = yes
default_md = sha256
policy = policy
[policy]
commonName = supplied
CNF
}
configuration order-a default smartcmd
configuration order-b smartcmd default
configuration preferred smartcmd default '?provider=smartcmd'
configuration flags default smartcmd
sed -i '/^openssl_conf/d' flags.cnf

# run COMMAND ARGUMENTS…: openssl, with the provider activated in the way that is being tried
run() {
  if [ "$way" = flags ] && [ "$1" != list ]; then
    command=$1
    shift
    set -- "$command" -provider-path "$(dirname "$module")" -provider smartcmd -provider default "$@"
  fi
  OPENSSL_CONF="$dir/$way.cnf" openssl "$@" >out 2>err </dev/null ||
    fail "$way: openssl $* -- $(cat err)"
}

# signs N COMMAND…: succeeds, and the person was asked for N PINs and N one-time passwords
signs() {
  wanted=$1
  shift
  : >asked
  run "$@"
  [ "$(grep -c otp asked)" -eq "$wanted" ] && [ "$(grep -c pin asked)" -eq "$wanted" ] ||
    fail "$way: openssl $* asked $(tr '\n' ' ' <asked), not $wanted times"
}

refuses() { # WORDS COMMAND…
  words=$1
  shift
  : >asked
  if (run "$@") 2>refused; then fail "$way: openssl $* did not fail"; fi
  grep -qE "$words" refused || fail "$way: openssl $*: no '$words' in: $(cat refused)"
  ! grep -q otp asked || fail "$way: openssl $* asked the person"
}

plain_verifies() { plain openssl "$@" >out 2>err || fail "$way: plain openssl $* -- $(cat err)"; }

# ---- the commands ---------------------------------------------------------------------------------------------------

look() {
  signs 0 storeutl -certs -out cert.pem cmd:
  signs 0 storeutl -certs -out chain.pem cmd:type=chain
  signs 0 storeutl -keys cmd:
  grep -q 'Total found: 1' out
  signs 0 storeutl -text cmd:
  grep -q 'Subject: .*CN *= *Joana' out
  fingerprint=$(plain openssl x509 -in cert.pem -noout -fingerprint -sha256 | sed 's/.*=//; s/://g')
  signs 0 storeutl -certs -fingerprint "$fingerprint" -sha256 cmd:
  grep -q 'Total found: 1' out
  signs 0 storeutl -certs -alias "$account" cmd:
  grep -q 'Total found: 1' out
  signs 0 storeutl -certs -alias nobody cmd:
  if grep -q BEGIN out; then fail "$way: somebody was found: $(cat out)"; fi  # OpenSSL 3.5 says nothing at all here
  signs 0 x509 -in cmd: -noout -subject
  signs 0 pkey -pubin -in cmd: -out pub.pem
  signs 0 pkey -in cmd: -pubout -out pub2.pem
  cmp pub.pem pub2.pem
  plain openssl x509 -in cert.pem -pubkey -noout | cmp - pub.pem
  signs 0 pkey -in cmd: -noout -text_pub
  grep -q 'Public-Key: (3072 bit)' out
  refuses 'never leaves' pkey -in cmd:
  refuses 'never leaves' pkey -in cmd: -outform DER
  refuses 'never leaves' pkey -in cmd: -aes256 -passout pass:1234
  refuses 'never leaves' pkey -in cmd: -noout -text
  signs 0 verify -CAfile "$ca" -untrusted chain.pem cert.pem
}

bare_signatures() {
  for hash in sha256 sha384 sha512; do
    plain openssl dgst -$hash -binary -out digest doc
    signs 1 dgst -$hash -sign cmd: -out sig doc
    plain_verifies dgst -$hash -verify pub.pem -signature sig doc
    touch_document
    signs 1 pkeyutl -sign -inkey cmd: -rawin -digest $hash -in doc -out sig
    plain_verifies pkeyutl -verify -pubin -inkey pub.pem -rawin -digest $hash -in doc -sigfile sig
    touch_document
    plain openssl dgst -$hash -binary -out digest doc
    signs 1 pkeyutl -sign -inkey cmd: -pkeyopt digest:$hash -in digest -out sig
    plain_verifies pkeyutl -verify -pubin -inkey pub.pem -pkeyopt digest:$hash -in digest -sigfile sig
    signs 0 pkeyutl -verify -pubin -inkey cmd: -pkeyopt digest:$hash -in digest -sigfile sig
    touch_document
  done
  refuses 'PKCS#1 v1.5' pkeyutl -sign -inkey cmd: -pkeyopt digest:sha256 -pkeyopt rsa_padding_mode:pss -in digest -out no
  refuses 'PKCS#1 v1.5' pkeyutl -sign -inkey cmd: -pkeyopt rsa_padding_mode:none -in digest -out no
  refuses 'SHA1' dgst -sha1 -sign cmd: -out no doc
  refuses 'only signs' pkeyutl -encrypt -inkey cmd: -in digest -out no
  refuses 'only signs' pkeyutl -decrypt -inkey cmd: -in sig -out no
}

# A document nobody has signed yet: what was just signed is remembered by a process, not by the service.
touch_document() { make_document doc; }

cms_verifies() { plain_verifies cms -verify -binary -inform DER -in p7 -CAfile "$ca" -purpose any -out /dev/null "$@"; }

cms() {
  signs 1 cms -sign -binary -in doc -signer cmd: -inkey cmd: -outform DER -out p7
  cms_verifies -content doc
  signs 1 cms -sign -binary -in doc -signer cmd: -outform DER -out p7
  cms_verifies -content doc
  signs 1 cms -sign -binary -nodetach -in doc -signer cmd: -inkey cmd: -outform DER -out p7
  cms_verifies
  signs 1 cms -sign -binary -noattr -in doc -signer cmd: -inkey cmd: -outform DER -out p7
  cms_verifies -content doc
  for hash in sha256 sha384 sha512; do
    signs 1 cms -sign -binary -md $hash -in doc -signer cmd: -inkey cmd: -outform DER -out p7
    cms_verifies -content doc
  done
  signs 1 cms -sign -binary -cades -in doc -signer cmd: -inkey cmd: -outform DER -out p7
  cms_verifies -cades -content doc
  signs 1 cms -sign -binary -in doc -signer cmd: -inkey cmd: -certfile cmd:type=chain -outform DER -out p7
  cms_verifies -content doc
  plain openssl pkcs7 -inform DER -in p7 -print_certs | grep -c BEGIN | grep -qx 3 || fail "$way: no three certificates"
  signs 2 cms -sign -binary -nodetach -in doc -signer cmd: -inkey cmd: -signer "cmd:$second" -inkey "cmd:$second" \
    -outform DER -out p7
  cms_verifies
  signs 1 cms -sign -binary -nodetach -in doc -signer cmd: -inkey cmd: -outform DER -out one.p7
  signs 1 cms -resign -binary -inform DER -in one.p7 -signer "cmd:$second" -inkey "cmd:$second" -outform DER -out p7
  cms_verifies
}

smime() {
  printf 'Bom dia\n' >letter
  signs 1 smime -sign -in letter -signer cmd: -inkey cmd: -out letter.eml
  plain_verifies smime -verify -in letter.eml -CAfile "$ca" -purpose any
}

# The signature alone: by its key usage our certificate is no authority.
issued_verifies() {
  plain_verifies asn1parse -in issued.pem -strparse 4 -noout -out tbs
  plain_verifies asn1parse -in issued.pem
  plain_verifies asn1parse -in issued.pem -strparse "$(tail -n 1 out | cut -d: -f1)" -noout -out sig
  plain_verifies dgst -sha256 -verify pub.pem -signature sig tbs
}

certificates() {
  signs 1 req -new -key cmd: -subj '/CN=Request' -out req.pem -config "$dir/flags.cnf"
  plain_verifies req -verify -in req.pem -noout -config "$dir/flags.cnf"
  signs 1 req -new -x509 -key cmd: -subj '/CN=Self-made' -out self.pem -config "$dir/flags.cnf"
  plain_verifies verify -CAfile self.pem -check_ss_sig self.pem
  signs 1 x509 -req -in req.pem -CA cmd: -CAkey cmd: -CAcreateserial -CAserial "$dir/serial" -out issued.pem
  issued_verifies
  : >index.txt
  signs 1 ca -batch -in req.pem -cert cert.pem -keyfile cmd: -days 1 -notext -out issued.pem -config "$dir/flags.cnf"
  issued_verifies
}

# Other people's keys are handled as ever.
strangers() {
  signs 0 genrsa -out key.pem 2048
  signs 0 req -new -x509 -newkey rsa:2048 -nodes -keyout own.key -subj '/CN=Own' -out own.pem -config "$dir/flags.cnf"
  signs 0 dgst -sha256 -sign key.pem -out sig doc
  signs 0 pkey -in key.pem -pubout -out key.pub
  signs 0 dgst -sha256 -verify key.pub -signature sig doc
  signs 0 cms -sign -binary -nodetach -in doc -signer own.pem -inkey own.key -outform DER -out p7
  signs 0 cms -verify -binary -inform DER -in p7 -CAfile own.pem -purpose any -out /dev/null
  # Both in one process: ours signs, the other's key is used as well.
  signs 1 cms -sign -binary -nodetach -in doc -signer cmd: -inkey cmd: -signer own.pem -inkey own.key -outform DER -out p7
  cat "$ca" own.pem >both.pem
  plain_verifies cms -verify -binary -inform DER -in p7 -CAfile both.pem -purpose any -out /dev/null
}

# Who demands our key, or prefers us, gets it; digests and other keys are nothing that we offer.
queries() {
  for query in smartcmd.remote=yes '?smartcmd.remote=yes' '?provider=smartcmd'; do
    signs 0 storeutl -keys -propquery "$query" cmd:
    signs 0 storeutl -certs -propquery "$query" cmd:
    signs 0 pkey -in cmd: -pubout -propquery "$query"
    signs 0 x509 -in cmd: -noout -propquery "$query"
    touch_document
    signs 1 pkeyutl -sign -inkey cmd: -rawin -digest sha256 -propquery "$query" -in doc -out sig
    plain_verifies dgst -sha256 -verify pub.pem -signature sig doc
    # OpenSSL 3.5 also demands it of the certificate's public key, which is of another provider.
    if [ "$query" != smartcmd.remote=yes ] || plain openssl version | grep -q '^OpenSSL 3\.0\.'; then
      signs 1 cms -sign -binary -in doc -signer cmd: -inkey cmd: -propquery "$query" -outform DER -out p7
      cms_verifies -content doc
      signs 1 smime -sign -in letter -signer cmd: -inkey cmd: -propquery "$query" -out letter.eml
    fi
    signs 1 req -new -key cmd: -subj '/CN=Request' -out req.pem -config "$dir/flags.cnf" -propquery "$query"
  done
  touch_document
  signs 1 dgst -sha256 -sign cmd: -propquery '?provider=smartcmd' -out sig doc
  signs 0 dgst -sha256 -sign key.pem -propquery '?provider=smartcmd' -out sig doc
  refuses 'RSA|digest' pkey -in cmd: -pubout -propquery provider=smartcmd
}

for way in flags order-a order-b preferred; do
  make_document doc
  look
  bare_signatures
  cms
  smime
  certificates
  strangers
done
way=order-b
queries

# What we say of ourselves
way=order-a
run list -providers -verbose
sed -n '/^  smartcmd$/,$p' out >self
for words in 'name: SmartCMD remote signing provider' 'version: [0-9]' 'status: active' 'build info: [0-9]' \
  'gettable provider parameters:'; do
  grep -q "$words" self || fail "openssl list -providers -verbose: no '$words' in: $(cat self)"
done
run list -store-loaders
grep -q 'cmd @ smartcmd' out
for list in -key-managers -signature-algorithms; do
  run list $list
  grep -q 'RSA, rsaEncryption } @ smartcmd' out || fail "openssl list $list: $(cat out)"
done
expect_no_agent
