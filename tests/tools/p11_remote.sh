#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# The module in another process than the program, by p11-kit's two ways: `p11-kit server`, and `remote:` in a module
# file.
. "$(dirname "$0")/lib.sh"

module=$SMARTCMD_PKCS11_MODULE
make_document document
openssl x509 -in cmd: -noout -pubkey >public.pem

# Runs pkcs11-tool, of which only other processes may open the module.
somebody=
isolated_tool() {
  $somebody strace -f -qq -e trace=openat -o trace pkcs11-tool "$@" || return
  tool=$(sed -n '1s/ .*//p' trace)
  ! grep "^$tool .*$module.* = [0-9]" trace >&2
}

# expect_isolated LIBRARY: it lists our token and signs with it, without the module in the program
expect_isolated() {
  expect_success isolated_tool --module "$1" --token-label Joana -O
  for object in 'Private Key Object' 'Public Key Object' 'Certificate Object'; do
    grep -q "^$object" out || fail "no $object: $(cat out)"
  done
  expect_one_signature isolated_tool --module "$1" --token-label Joana --sign --mechanism SHA256-RSA-PKCS \
    -i document -o signature
  plain openssl dgst -sha256 -verify public.pem -signature signature document
  rm signature
}

# No process of p11-kit's has our module any more; one that is about to end has the time for it.
expect_no_process() {
  timeout 20 pidwait -f "[p]11-kit.*$module" || [ $? -eq 1 ] || fail "a process is left: $(pgrep -af "p11-kit.*$module")"
}

# ---- p11-kit server -------------------------------------------------------------------------------------------------

count_questions
eval "$(p11-kit server --provider "$module" --name "$dir/socket" 'pkcs11:token=Joana')"
trap 'kill "$P11_KIT_SERVER_PID"; rm -rf "$dir"' EXIT
expect_isolated "$(pkg-config --variable=p11_module_path p11-kit-1)/p11-kit-client.so"
p11-kit server --kill >out
trap 'rm -rf "$dir"' EXIT
expect_no_process

# ---- remote: --------------------------------------------------------------------------------------------------------

# p11-kit reads no configuration of root's own, and the system's is everybody's: root becomes somebody else.
if [ "$(id -u)" -eq 0 ]; then
  somebody='unshare --user --map-user=1000'
  $somebody true || { echo 'skipped: there are no user namespaces for root to be somebody else'; exit 77; }
fi
mkdir -p config/pkcs11/modules
echo 'user-config: only' >config/pkcs11/pkcs11.conf
sed "/^enable-in:/d; s|@PATH@|$module|" "$here/../../conf/smartcmd-isolated.module" \
  >config/pkcs11/modules/smartcmd.module
export XDG_CONFIG_HOME="$dir/config"

expect_isolated "$(pkg-config --variable=proxy_module p11-kit-1)"
expect_no_process
