#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Programs that read keys from files only, with a file that holds a cmd: URI. What docs/openssl.md says is taken from there.
. "$(dirname "$0")/lib.sh"

smartcmd=$(sed -n 's|^module *= *\(.*\)/provider/smartcmd.so|\1/cli/smartcmd|p' "$OPENSSL_CONF")
expect_success "$smartcmd" key-file
cp out joana.key
expect_failure "no account 'maria'" "$smartcmd" key-file maria
expect_success openssl storeutl -certs -out signer.pem cmd:
plain openssl x509 -in signer.pem -pubkey -noout >public.pem
make_document doc

# openssl itself
expect_one_signature openssl dgst -sha256 -sign joana.key -out doc.sig doc
plain openssl dgst -sha256 -verify public.pem -signature doc.sig doc
expect_one_signature openssl cms -sign -binary -in doc -signer signer.pem -inkey joana.key -outform DER -out doc.p7s
plain openssl cms -verify -binary -inform DER -in doc.p7s -content doc -CAfile "$SMARTCMD_SANDBOX_CA" -purpose any \
  -out /dev/null

# Key and certificate in one file, in whatever order
openssl x509 -in signer.pem >certificate.pem
cat joana.key certificate.pem >first.pem
cat certificate.pem joana.key >last.pem
for both in first.pem last.pem; do
  expect_success openssl storeutl -noout "$both"
  grep -q 'Total found: 2' out || fail "$both: $(cat out)"
  make_document doc
  expect_one_signature openssl cms -sign -binary -in doc -signer "$both" -outform DER -out doc.p7s
  plain openssl cms -verify -binary -inform DER -in doc.p7s -content doc -CAfile "$SMARTCMD_SANDBOX_CA" -purpose any \
    -out /dev/null
done

# 'openssl ts' reads keys from files only.
cat >ts.cnf <<'CNF'
[req]
distinguished_name = dn
[dn]
[tsa]
default_tsa = authority
[authority]
serial = ./serial
default_policy = 1.2.3.4
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
CNF
expect_one_signature openssl req -new -x509 -key joana.key -subj /CN=TSA \
  -addext extendedKeyUsage=critical,timeStamping -out tsa.pem -config ts.cnf
plain openssl ts -query -data doc -sha256 -cert -out doc.tsq 2>/dev/null
expect_one_signature openssl ts -reply -queryfile doc.tsq -inkey joana.key -signer tsa.pem -config ts.cnf -out doc.tsr
plain openssl ts -verify -data doc -in doc.tsr -CAfile tsa.pem
expect_failure 'signer private key|private key' openssl ts -reply -queryfile doc.tsq -inkey cmd: -signer tsa.pem \
  -config ts.cnf -out no.tsr

# osslsigncode
make_windows_program program.exe
expect_one_signature osslsigncode sign -h sha256 -certs signer.pem -key joana.key -in program.exe -out signed.exe
plain osslsigncode verify -CAfile "$SMARTCMD_SANDBOX_CA" -in signed.exe >out
grep -q 'Signature verification: ok' out || fail "$(cat out)"

# git, by way of a program of one's own
sed -n '/^# openssl-for-git/,/^```/p' "$here/../../docs/openssl.md" | sed '/^```/d; 1i #!/bin/sh' >openssl-for-git
chmod +x openssl-for-git
export GIT_DIR="$dir/repository" GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=Joana GIT_AUTHOR_EMAIL=joana@example.org
export GIT_COMMITTER_NAME=Joana GIT_COMMITTER_EMAIL=joana@example.org
git init --quiet --bare
git config gpg.format x509
git config gpg.x509.program "$dir/openssl-for-git"
git config gpg.x509.certificate "$dir/signer.pem"
git config gpg.x509.authorities "$SMARTCMD_SANDBOX_CA"
git config user.signingKey "$dir/joana.key"
expect_one_signature git commit-tree -S -m 'Signed' "$(git hash-object -t tree -w /dev/null)"
commit=$(cat out)
plain git verify-commit "$commit" 2>err
grep -q 'successful' err && grep -q 'CN = Joana' err || fail "git does not say who signed: $(cat err)"
forged=$(git cat-file commit "$commit" | sed 's/^Signed/Forged/' | git hash-object -t commit -w --stdin)
if plain git verify-commit "$forged"; then fail 'a forged commit verifies'; fi
