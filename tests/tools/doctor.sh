#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
# smartcmd doctor names each planted fault, that one alone, and what to do. The argument is smartcmd.
smartcmd=$1
. "$(dirname "$0")/lib.sh"

export HOME="$dir/home" LC_ALL=C.UTF-8
mkdir -p home parts state
sandbox=$(dirname "$sandbox_configuration")
value() { sed -n "s|^$1=||p" "$sandbox_configuration" | head -n 1; }
file() { (cd "$sandbox" && readlink -f "$(value "$1")"); }

# Parts of our own, for a fault to be planted in.
reset() {
  install -m 600 "$(file password-file)" parts/password
  install -m 644 "$(file encryption-certificate)" parts/encryption.pem
  install -m 600 "$sandbox/state/joana.pem" state/joana.pem
  chmod 700 state
  configure ''
}
configure() {
  edit_configuration "s|^password-file=.*|password-file=$dir/parts/password|
s|^encryption-certificate=.*|encryption-certificate=$dir/parts/encryption.pem|
s|^state-directory=.*|state-directory=$dir/state|
$1"
}

planted=0
# fault FINDING FIX COMMAND…: one problem, of which the line has both (grep -E). hint: one hint, and no problem.
fault() { finds PROBLEM 1 "$@"; }
hint() { finds HINT 0 "$@"; }
finds() {
  kind=$1
  expected=$2
  finding=$3
  fix=$4
  shift 4
  status=0
  timeout 120 "$@" >out 2>err || status=$?
  [ "$status" -eq "$expected" ] || fail "status $status instead of '$finding' -- $(cat out err)"
  [ "$(grep -cE '^(PROBLEM|HINT)' out)" -eq 1 ] || fail "not one finding, '$finding' -- $(cat out)"
  grep "^$kind" out | grep -E "$finding" | grep -qE -- "$fix" || fail "not '$finding' and '$fix' -- $(cat out)"
  grep "^$kind" out
  planted=$((planted + 1))
  reset
}

reset
expect_success "$smartcmd" doctor
if grep -q '^PROBLEM\|^HINT' out; then fail "a healthy system: $(cat out)"; fi
for name in Configuration Permissions Encryption Certificate Agent Prompts Service Provider openssl.cnf 'PKCS #11'; do
  grep -q "^OK *$name:" out || fail "nothing about $name: $(cat out)"
done

# ---- configuration and permissions
chmod 644 parts/password
fault 'Permissions: .*others' 'chmod 600' "$smartcmd" doctor
rm parts/password
fault 'Permissions: .*parts/password' 'smartcmd setup' "$smartcmd" doctor
configure 's|^endpoint=|endpiont=|'
fault 'Configuration: .*endpiont' "Did you mean 'endpoint'" "$smartcmd" doctor
configure '/^\[account /,$d; /^default-account=/d'
fault 'no account is configured' 'smartcmd enrol' "$smartcmd" doctor
chmod 777 state
fault 'Permissions: .*others may change' 'chmod go-w' "$smartcmd" doctor
chmod 666 smartcmd.conf
fault 'Configuration: .*others may change' 'chmod go-w' "$smartcmd" doctor
chmod 600 smartcmd.conf
chmod 666 parts/encryption.pem
fault 'Configuration: .*encryption-certificate.*others may change' 'chmod go-w' "$smartcmd" doctor

# ---- the service
configure 's|^endpoint=.*|endpoint=https://no-such-host.invalid/|'
fault 'DNS: .*no-such-host.invalid' "'endpoint'" "$smartcmd" doctor
configure 's|^endpoint=.*|endpoint=https://127.0.0.1:1/|'
fault 'Network: 127.0.0.1:1 ' '[Cc]heck' "$smartcmd" doctor
configure '/^endpoint=/a proxy=http://no-such-proxy.invalid:1'
fault 'DNS: The proxy' "'proxy'" "$smartcmd" doctor
configure '/^endpoint=/a proxy=http://127.0.0.1:1'
fault 'Network: The proxy 127.0.0.1:1 ' "'proxy'" "$smartcmd" doctor
python3 "$here/dated_certificate.py" -1 99 >other.pem
configure "s|^ca-file=.*|ca-file=$dir/other.pem|"
fault 'TLS: ' "'ca-file'" "$smartcmd" doctor
echo wrong >parts/password
fault 'Credentials: ' "'password-file'" "$smartcmd" doctor
configure 's|^application-id=.*|application-id=b826359c-06f8-425e-8ec3-50a97a418916|'
fault 'Account: ' "'application-id'" "$smartcmd" doctor
configure 's|^user-id=.*|user-id=+351 919999999|'
fault 'Account: .*phone number' "'user-id'" "$smartcmd" doctor

# One that no account uses yet is asked as well: the same with other values, by a sed script.
other_service() {
  sed -n '/^\[service /,/^\[/{/=/p}' smartcmd.conf | sed "$1" >other
  { printf '\n[service other]\n' && cat other; } >>smartcmd.conf
}
other_service ''
expect_success "$smartcmd" doctor
grep -q '^OK *Service: other is reached' out || fail "other was not asked: $(cat out)"
reset
echo wrong >parts/other && chmod 600 parts/other
other_service "s|^password-file=.*|password-file=$dir/parts/other|"
fault 'Credentials: ' "'password-file'" "$smartcmd" doctor
other_service "s|^ca-file=.*|ca-file=$dir/other.pem|"
fault 'TLS: ' "'ca-file'" "$smartcmd" doctor
other_service 's|^\(endpoint=https://[^/]*/\).*|\1nothing|'
fault 'Service: .*404' "'endpoint'" "$smartcmd" doctor
other_service 's|^endpoint=.*|endpoint=https://127.0.0.1:1/|'
expect_success "$smartcmd" doctor --offline
reset

# ---- certificates
rm parts/encryption.pem
fault 'Encryption: .*parts/encryption.pem' "'encryption-certificate'" "$smartcmd" doctor
python3 "$here/dated_certificate.py" -20 -10 >parts/encryption.pem
hint 'Encryption: .*expired' 'smartcmd setup .*--encryption-certificate' "$smartcmd" doctor --offline
python3 "$here/dated_certificate.py" -20 59 >parts/encryption.pem
hint 'Encryption: .*valid until .* only' 'smartcmd setup .*--encryption-certificate' "$smartcmd" doctor --offline
python3 "$here/dated_certificate.py" -20 300 >parts/encryption.pem
fault 'Account: ' "'encryption-certificate'" "$smartcmd" doctor
# The newest that is valid is used.
python3 "$here/dated_certificate.py" -300 -1 >parts/old.pem
configure "s|^encryption-certificate=.*|encryption-certificate=$dir/parts/old.pem;$dir/parts/encryption.pem|"
expect_success "$smartcmd" doctor
if grep -q '^PROBLEM\|^HINT' out; then fail "the old certificate is used: $(cat out)"; fi
reset
rm state/joana.pem
fault 'Certificate: .*not here yet' 'smartcmd enrol joana' "$smartcmd" doctor
python3 "$here/dated_certificate.py" -20 -10 >state/joana.pem
fault 'Certificate: .*expired' 'smartcmd enrol joana' "$smartcmd" doctor --offline
python3 "$here/dated_certificate.py" 10 20 >state/joana.pem
fault 'Clock: .*becomes valid' 'clock of this computer' "$smartcmd" doctor --offline
cp other.pem state/joana.pem
fault 'Certificate: .*another one' 'smartcmd enrol joana' "$smartcmd" doctor
python3 "$here/dated_certificate.py" -20 20 >state/joana.pem
hint 'Certificate: .*only' 'smartcmd enrol joana' "$smartcmd" doctor --offline
echo rubbish >state/joana.pem
fault 'Certificate: .*cannot be read' 'smartcmd enrol joana' "$smartcmd" doctor

# ---- our parts: a tree of our own, where one can be missing
tree=$(dirname "$(dirname "$smartcmd")")
plant_tree() {
  rm -rf tree
  mkdir -p tree/cli tree/provider tree/p11kit-module
  cp "$smartcmd" tree/cli
  cp "$tree"/provider/*.so tree/provider
  ln -s "$tree"/p11kit-module/*.so tree/p11kit-module
}
plant_tree
: >tree/provider/smartcmd.so
fault 'Provider: OpenSSL cannot load' 'Install SmartCMD again' tree/cli/smartcmd doctor
plant_tree
rm tree/p11kit-module/smartcmd-pkcs11.so
fault 'PKCS #11: .*is missing' 'Install SmartCMD again' tree/cli/smartcmd doctor
cp "$tree"/p11kit-module/smartcmd-pkcs11.so tree/p11kit-module
fault 'PKCS #11: p11-kit does not know' "module: $dir/tree/p11kit-module" tree/cli/smartcmd doctor
fault 'Agent: .*/nowhere/agent' 'Install SmartCMD again' env SMARTCMD_AGENT=/nowhere/agent "$smartcmd" doctor
configure '/^askpass=/d'
fault 'Prompts: Nothing can ask' 'SMARTCMD_ASKPASS' env -u DISPLAY -u WAYLAND_DISPLAY -u GPG_TTY \
  setsid -w "$smartcmd" doctor
fault 'Prompts: .*/nowhere/askpass' "'askpass'" env SMARTCMD_ASKPASS=/nowhere/askpass "$smartcmd" doctor

# ---- openssl.cnf
hint 'openssl.cnf: .*does not activate' "'-provider-path $tree/provider -provider smartcmd -provider default'" \
  env OPENSSL_CONF=/dev/null "$smartcmd" doctor
hint 'openssl.cnf: .*does not activate' "'-provider smartcmd -provider default'" \
  env OPENSSL_CONF=/dev/null OPENSSL_MODULES="$tree/provider" "$smartcmd" doctor
hint 'openssl.cnf: .*does not activate' '.include .*openssl-smartcmd.cnf' env OPENSSL_CONF=/dev/null "$smartcmd" doctor
fault 'openssl.cnf: .*missing or wrong' 'OPENSSL_CONF' env OPENSSL_CONF=/nowhere/openssl.cnf "$smartcmd" doctor
cnf() {
  printf 'openssl_conf = init\n[init]\nproviders = all\n[all]\n%s\n' "$1"
  printf '[ours]\nmodule = %s\nactivate = 1\n[default]\nactivate = %s\n' "$2" "$3"
} >own.cnf
cnf 'smartcmd = ours' "$tree/provider/smartcmd.so" 1
fault 'not the default one' 'activate = 1' env OPENSSL_CONF=own.cnf "$smartcmd" doctor
cnf "$(printf 'smartcmd = ours\ndefault = default')" "/nowhere/smartcmd.so" 1
fault 'openssl.cnf: .*/nowhere/smartcmd.so' "'module'" env OPENSSL_CONF=own.cnf "$smartcmd" doctor
for order in "SmartCMD's provider, then the default" "default provider, then SmartCMD's"; do
  first=smartcmd=ours second=default=default
  case $order in default*) first=default=default second=smartcmd=ours ;; esac
  cnf "$(printf '%s\n%s' $first $second)" "$tree/provider/smartcmd.so" 1
  OPENSSL_CONF=own.cnf expect_success "$smartcmd" doctor --offline
  grep -q "^OK *openssl.cnf: .*activates .*$order" out || fail "not the order $order: $(cat out)"
done

[ "$planted" -ge 20 ] || fail "only $planted faults were planted"

# ---- the file for who helps: what is wrong, and nothing of anybody
configure 's|^username=.*|username=gaivota|'
cat >>smartcmd.conf <<CONFIGURATION
# my phone is 910111222
[account maria-da-luz]
service=local
user_id=+351 910333444
+351910555666
CONFIGURATION
cp smartcmd.conf broken.conf
edit_configuration 's|^username=.*|username=gaivota|; s|^application-id=.*|&7|'
for configuration in "$dir/broken.conf" "$sandbox_configuration" "$SMARTCMD_CONFIG"; do
  rm -f bundle
  SMARTCMD_CONFIG=$configuration "$smartcmd" doctor --bundle bundle >out 2>err || true
  [ "$(stat -c %a bundle)" = 600 ] || fail 'others may read the file'
  for word in '^SmartCMD [0-9]' '^OpenSSL' '^OK *Agent' '^ *endpoint=https://127' '^ *driver=scmd'; do
    grep -q "$word" bundle || fail "no $word in the file: $(cat bundle)"
  done
  for secret in gaivota "$(value application-id)" "$(value user-id)" "$(cat parts/password)" "$HOME" \
    "$SMARTCMD_SANDBOX_PIN" joana Joana maria-da-luz; do
    if grep -qF -e "$secret" bundle; then fail "$secret is in the file: $(cat bundle)"; fi
  done
  if tr -d ' ' <bundle | grep -E '910000000|910111222|910333444|910555666'; then fail "a phone number: $(cat bundle)"; fi
done
grep -q "^ *\[account account-1\]" bundle || fail "the accounts are not told apart: $(cat bundle)"

# Nothing that is there is overwritten.
echo mine >kept
ln -s kept link
for file in kept link; do
  expect_failure 'is there already' "$smartcmd" doctor --offline --bundle $file
  [ "$(cat kept)" = mine ] || fail "$file was overwritten"
done
