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

pictures='terminal openssl pdfsig java okular'

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
    LC_ALL=C.UTF-8 "$build/cli/smartcmd" sandbox ${interactive[$picture]-} -- "$here/make.sh" --inside "$picture"
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

nss_database() {
  mkdir -p nss
  certutil -N -d sql:nss --empty-password
  modutil -dbdir sql:nss -add SmartCMD -libfile "$SMARTCMD_PKCS11_MODULE" -force >/dev/null 2>&1
  certutil -A -d sql:nss -n Root -t CT,C,C -a -i "$SMARTCMD_SANDBOX_CA"
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
  nss_database
  contract
  types 'pdfsig -nssdir sql:nss -list-nicks' \
    'pdfsig -nssdir sql:nss -nick Joana:Joana -add-signature contract.pdf signed.pdf' \
    'pdfsig -nssdir sql:nss signed.pdf'
  finished
  keep_text
}

picture_java() {
  printf 'name = SmartCMD\nlibrary = %s\nslotListIndex = 0\n' "$SMARTCMD_PKCS11_MODULE" >p11.cfg
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
  nss_database
  contract
  pdfsig -nssdir sql:nss -nick Joana:Joana -add-signature contract.pdf signed.pdf >/dev/null
  shows 'signed.pdf' okular signed.pdf
  fill_screen
  still
  xdotool mousemove 923 187 click 1  # "Show Signatures Panel"
  keep
}

case ${1-} in
  --inside) inside "$2" ;;
  *) main "$@" ;;
esac
