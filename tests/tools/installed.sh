#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# What is installed is found where programs look for it, with no path given by anybody. It lies over /usr in a mount
# namespace of the test's own.
#
#   installed.sh BUILD-DIRECTORY        whose prefix is /usr

if [ "${2-}" != over ]; then
  user=
  [ "$(id -u)" -eq 0 ] || user='--user --map-root-user'
  # shellcheck disable=SC2086  # options or none
  unshare $user --mount true || { echo 'skipped: there are no mount namespaces here'; exit 77; }
  # shellcheck disable=SC2086
  exec unshare $user --mount sh "$0" "$1" over
fi
. "$(dirname "$0")/lib.sh"

meson install -C "$1" --no-rebuild --destdir "$dir/root" >installed
mount -t overlay overlay -o "lowerdir=$dir/root/usr:/usr" /usr || { echo 'skipped: no overlay can be mounted'; exit 77; }
mkdir modules
mount --bind modules /etc/pkcs11/modules 2>err || [ ! -d /etc/pkcs11/modules ] || fail "$(cat err)"

# Of the sandbox only the account is left.
unset LD_LIBRARY_PATH OPENSSL_CONF SMARTCMD_PKCS11_MODULE SMARTCMD_AGENT XDG_CONFIG_HOME
SMARTCMD_AGENT=/usr/libexec/smartcmd-agent
PATH=${PATH#*:}  # the sandbox has put its own smartcmd there
make_document doc
key='pkcs11:token=Joana;object=Joana;type=private'

# p11-kit: the token once, for the isolated module is for nobody; by itself and as one library
expect_success p11-kit list-modules
[ "$(grep -c 'token: Joana' out)" -eq 1 ] || fail "tokens: $(cat out)"
if grep isolated out; then fail "the isolated module is enabled"; fi
expect_success p11tool --list-tokens
grep -q 'Label: Joana$' out || fail "no token: $(cat out)"
expect_one_signature p11tool --test-sign "$key"
proxy=$(pkg-config --variable=proxy_module p11-kit-1)
expect_success pkcs11-tool --module "$proxy" -L
[ "$(grep -c 'token label *: Joana$' out)" -eq 1 ] || fail "tokens: $(cat out)"
expect_one_signature pkcs11-tool --module "$proxy" --token-label Joana -s -m SHA256-RSA-PKCS -i doc -o signature
OPENSSL_CONF=/dev/null p11tool --export "${key%private}cert" >signer.pem
plain openssl x509 -in signer.pem -pubkey -noout -out public.pem
plain openssl dgst -sha256 -verify public.pem -signature signature doc

# OpenSSL: the provider by its name, and by the configuration that comes with it
expect_one_signature openssl cms -sign -provider smartcmd -provider default -binary -in doc -signer cmd: -inkey cmd: -outform DER \
  -out doc.p7s
plain openssl cms -verify -binary -inform DER -in doc.p7s -content doc -CAfile "$SMARTCMD_SANDBOX_CA" -purpose any -out /dev/null
echo '.include /usr/share/smartcmd/openssl-smartcmd.cnf' >openssl.cnf
expect_one_signature env OPENSSL_CONF="$dir/openssl.cnf" openssl dgst -sha256 -sign cmd: -out signature doc
plain openssl dgst -sha256 -verify public.pem -signature signature doc

# The tool, what it says about all this, and its manual
expect_success smartcmd sign doc
expect_success smartcmd verify --ca "$SMARTCMD_SANDBOX_CA" doc.p7s doc
expect_success smartcmd doctor
cat out
for page in 1/smartcmd.1 5/smartcmd.conf.5 8/smartcmd-agent.8 8/smartcmdd.8; do
  [ -s "/usr/share/man/man$page" ] || fail "no manual page $page"
done

# The isolated module, for who takes its file as it says
sed '/^enable-in:/d' /usr/share/p11-kit/modules/smartcmd-isolated.module >modules/smartcmd.module
expect_success strace -f -qq -e trace=openat -o trace p11tool --list-tokens
[ "$(grep -c 'Label: Joana$' out)" -eq 1 ] || fail "tokens: $(cat out)"
program=$(sed -n '1s/ .*//p' trace)
if grep "^$program .*smartcmd-pkcs11.so.* = [0-9]" trace; then fail "the program itself has opened the module"; fi
