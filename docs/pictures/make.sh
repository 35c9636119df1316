#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Makes the pictures of the documentation: real programs on a screen that nobody sees, with a sandbox's key. Run it again
# when what they show has changed, and look at what it made.
#
#   docs/pictures/make.sh [BUILD-DIRECTORY [PICTURE…]]     (default: build, all pictures)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

pictures='terminal openssl pdfsig java okular libreoffice firefox thunderbird git'

main() {
  "$root/scripts/install-dependencies.sh" pictures
  local build=${1:-$root/build}
  [ $# -eq 0 ] || shift
  build=$(cd "$build" && pwd)
  # shellcheck disable=SC2086  # one word each
  [ $# -gt 0 ] || set -- $pictures
  place=$(mktemp -d)
  trap 'end' EXIT
  start_screen
  for picture; do
    echo "$picture"
    LC_ALL=C.UTF-8 "$build/cli/smartcmd" sandbox ${interactive[$picture]-} -- \
      "$here/make.sh" --inside "$picture" "$build/cli/smartcmd"
  done
}

# These show how a person is asked; nobody is for the others.
declare -A interactive=([terminal]=--interactive)

end() {
  [ -z "${screen-}" ] || kill "$screen" "$windows" 2>/dev/null || true
  rm -rf "$place"
}

start_screen() {
  mkfifo "$place/display"
  Xvfb -displayfd 3 -screen 0 1000x640x24 -nolisten tcp 3>"$place/display" 2>/dev/null &
  screen=$!
  read -r number <"$place/display"
  export DISPLAY=:$number
  openbox >/dev/null 2>&1 &
  windows=$!
}

# ---- inside the sandbox -----------------------------------------------------------------------------------------------

inside() {
  place=$(mktemp -d)
  trap 'leave' EXIT
  cd "$place"
  export HOME=$place XDG_RUNTIME_DIR=$place PS1='$ ' SMARTCMD_PINENTRY=none
  picture=$1
  smartcmd=$2
  "picture_$1"
}

leave() {
  [ -z "${program-}" ] || kill "$program" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$place"
}

# shows WINDOW-TITLE COMMAND…: runs it and waits for its window, at most a minute.
shows() {
  local title=$1
  shift
  "$@" >log 2>&1 &
  program=$!
  timeout 60 xdotool search --sync --onlyvisible --name "$title" >/dev/null || { cat log >&2; exit 1; }
  still  # the first window of some goes again
  window=$(xdotool search --onlyvisible --name "$title" | tail -1)
}

# still: the picture of the whole screen, once it has stopped changing.
still() {
  local before='' now
  for _ in $(seq 60); do
    sleep 1
    now=$(import -window root -depth 8 rgb:- | sha256sum)
    [ "$now" != "$before" ] || break
    before=$now
  done
}

# keep: the picture of the window.
keep() {
  still
  import -window "$window" -strip -colors 128 "png8:$here/$picture.png"
}

# keep_text: the same, without the empty lines of a terminal.
keep_text() {
  keep
  mogrify -trim -bordercolor white -border 10 "$here/$picture.png"
}

# click X Y: in the window.
click() {
  xdotool mousemove --window "$window" "$1" "$2" click 1
  still
}

fill_screen() {
  xdotool windowsize --sync "$window" 1000 620 windowmove "$window" 0 0
}

# types COMMAND…: runs commands in a terminal, each shown as if it was typed.
types() {
  {
    # shellcheck disable=SC2016  # for the other shell
    printf '%s\n' 'show() { printf "\033[1m$ %s\033[0m\n" "$*"; eval "$*"; }'
    for command; do printf 'show %q\n' "$command"; done
    echo 'printf "\033[?25l"; touch finished; read -r _'
  } >commands
  shows '^SmartCMD$' xterm -T SmartCMD -fa 'DejaVu Sans Mono' -fs 11 -geometry 100x"${lines:-26}" -bg white -fg black \
    -e bash ./commands
}

finished() {
  for _ in $(seq 600); do
    [ ! -e finished ] || return 0
    sleep 0.2
  done
  echo "It did not end: $(import -window root txt:- | head -1)" >&2
  exit 1
}

contract() { soffice --headless --convert-to pdf --outdir . "$here/contract.txt" >/dev/null 2>&1; }

# nss_database DIRECTORY: a new one, which trusts the sandbox's authority.
nss_database() {
  mkdir -p "$1"
  certutil -N -d "sql:$1" --empty-password
  "$smartcmd" nss add --database "$1" >/dev/null
  certutil -A -d "sql:$1" -n Root -t CT,C,C -a -i "$SMARTCMD_SANDBOX_CA"
}

# preferences: lines NAME VALUE for a new Mozilla profile.
preferences() {
  local name value
  while read -r name value; do
    printf 'user_pref("%s", %s);\n' "$name" "$value"
  done >profile/user.js
}

# ---- the pictures -------------------------------------------------------------------------------------------------------

picture_terminal() {
  cp "$here/contract.txt" contract.txt
  types 'openssl cms -sign -binary -in contract.txt -signer cmd: -inkey cmd: -outform DER -out contract.txt.p7s'
  still
  xdotool type --window "$window" "$SMARTCMD_SANDBOX_PIN"
  xdotool key --window "$window" Return
  keep_text
}

picture_openssl() {
  cp "$here/contract.txt" contract.txt
  types 'openssl storeutl -noout -certs -text cmd: | grep -E "Subject:|Not After"' \
    'openssl cms -sign -binary -in contract.txt -signer cmd: -inkey cmd: -outform DER -out contract.txt.p7s' \
    'openssl cms -verify -binary -inform DER -in contract.txt.p7s -content contract.txt -CAfile $SMARTCMD_SANDBOX_CA -out /dev/null -purpose any'
  finished
  keep_text
}

picture_pdfsig() {
  nss_database nss
  contract
  types 'pdfsig -nssdir sql:nss -list-nicks' \
    'pdfsig -nssdir sql:nss -nick Joana:Joana -add-signature contract.pdf signed.pdf' \
    'pdfsig -nssdir sql:nss signed.pdf'
  finished
  keep_text
}

picture_java() {
  "$smartcmd" java-config --out p11.cfg
  cp "$here/contract.txt" contract.txt
  jar -c -f program.jar contract.txt
  types 'cat p11.cfg' \
    'keytool -list -keystore NONE -storetype PKCS11 -storepass 0000 -providerClass sun.security.pkcs11.SunPKCS11 -providerArg p11.cfg | grep Entry' \
    'jarsigner -keystore NONE -storetype PKCS11 -storepass 0000 -providerClass sun.security.pkcs11.SunPKCS11 -providerArg p11.cfg program.jar Joana' \
    'jarsigner -verify program.jar | head -3'
  finished
  keep_text
}

picture_okular() {
  nss_database nss
  contract
  pdfsig -nssdir sql:nss -nick Joana:Joana -add-signature contract.pdf signed.pdf >/dev/null
  shows 'signed.pdf' okular signed.pdf
  fill_screen
  still
  xdotool mousemove 923 187 click 1  # "Show Signatures Panel"
  keep
}

picture_git() {
  sed -n '/^# openssl-for-git/,/^```/p' "$here/../openssl.md" | sed '/^```/d; 1i #!/bin/sh' >openssl-for-git
  chmod +x openssl-for-git
  openssl storeutl -certs -out signer.pem cmd: >/dev/null
  "$smartcmd" key-file joana >joana.key
  cp "$here/contract.txt" contract.txt
  git init --quiet
  git config user.name Joana
  git config user.email joana@example.org
  git config gpg.format x509
  git config gpg.x509.program "$PWD/openssl-for-git"
  git config gpg.x509.certificate "$PWD/signer.pem"
  git config gpg.x509.authorities "$SMARTCMD_SANDBOX_CA"
  git config user.signingKey "$PWD/joana.key"
  git add contract.txt
  types 'git config --get-regexp x509' "git commit --quiet -S -m 'The contract'" 'git verify-commit HEAD'
  finished
  keep_text
}

picture_libreoffice() {
  nss_database nss
  export MOZILLA_CERTIFICATE_FOLDER=sql:$place/nss
  soffice --headless --convert-to odt --outdir . "$here/contract.txt" >/dev/null 2>&1
  shows contract.odt soffice --norestore --nologo contract.odt
  xdotool key alt+f
  still
  xdotool key Up Up Right Return  # "Digital Signatures", the last but one
  window=$(xdotool search --sync --onlyvisible --name '^Digital Signatures$')
  still
  local signatures=$window
  click 356 316  # "Sign Document…"
  window=$(xdotool search --sync --onlyvisible --name '^Select X.509 Certificate$')
  still
  click 60 76    # the only one
  click 806 424  # "Sign"
  window=$signatures
  keep
}

picture_firefox() {
  nss_database profile
  preferences <<'PREFERENCES'
datareporting.policy.dataSubmissionEnabled false
browser.aboutwelcome.enabled false
browser.shell.checkDefaultBrowser false
PREFERENCES
  shows Settings firefox --no-remote --profile profile --width 1000 --height 620 'about:preferences#connectionSecurity'
  still
  xdotool key --window "$window" End
  still
  click 800 488  # "Manage certificates"
  click 223 195  # "Your Certificates"
  keep
}

picture_thunderbird() {
  nss_database profile
  preferences <<'PREFERENCES'
datareporting.policy.dataSubmissionEnabled false
mail.shell.checkDefaultClient false
mail.rights.version 1
mail.spotlight.firstRunDone true
mailnews.start_page.enabled false
mail.provider.suppress_dialog_on_startup true
mail.accountmanager.accounts "account1"
mail.accountmanager.defaultaccount "account1"
mail.account.account1.identities "id1"
mail.account.account1.server "server1"
mail.identity.id1.fullName "Joana"
mail.identity.id1.useremail "joana@example.org"
mail.identity.id1.valid true
mail.server.server1.type "pop3"
mail.server.server1.hostname "localhost"
mail.server.server1.userName "joana"
mail.server.server1.name "joana@example.org"
mail.server.server1.check_new_mail false
mail.server.server1.login_at_startup false
PREFERENCES
  shows Thunderbird thunderbird --no-remote --profile profile
  fill_screen
  still
  click 905 74   # "Account Settings"
  click 180 316  # "End-To-End Encryption"
  xdotool mousemove --window "$window" 600 380 click --repeat 4 5
  still
  click 724 217  # "Select…", for signing
  window=$(xdotool search --sync --onlyvisible --name '^Select Certificate$')
  keep
}

case ${1-} in
  --inside) inside "$2" "$3" ;;
  *) main "$@" ;;
esac
