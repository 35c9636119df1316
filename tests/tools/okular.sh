#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# A person signs a PDF in Okular, on a screen that nobody sees, with one one-time password: to learn whether the token
# wants a password, poppler signs before that, which nobody is asked for.
. "$(dirname "$0")/p11_lib.sh"

for program in okular openbox xdotool Xvfb; do
  command -v $program >/dev/null || { echo "$program is not installed: ./test desktop"; exit 77; }
done

nss_database db
make_pdf contract.pdf
mkdir config
printf '[Signatures]\nUseDefaultCertDB=false\nDBCertificatePath=file://%s/db\n' "$dir" >config/okular-generator-popplerrc
export HOME="$dir" XDG_CONFIG_HOME="$dir/config" XDG_RUNTIME_DIR="$dir" LC_ALL=C.UTF-8

mkfifo display
Xvfb -displayfd 3 -screen 0 1000x640x24 -nolisten tcp 3>display 2>/dev/null &
screen=$!
read -r number <display
export DISPLAY=":$number"
openbox 2>/dev/null &
windows=$!
trap 'kill ${okular-} $windows $screen 2>/dev/null || true; rm -rf "$dir"' EXIT

# window TITLE [SECONDS]: waits until one of that title can be seen, and says which. (xdotool's own --sync ends with an
# error when a window goes while it looks.)
window() {
  for _ in $(seq $((5 * ${2:-120}))); do
    found=$(xdotool search --onlyvisible --name "$1" 2>/dev/null | tail -n 1)
    [ -z "$found" ] || { echo "$found"; return; }
    sleep 0.2
  done
}

count_questions
: >asked
okular contract.pdf 2>okular.log &
okular=$!
main=$(window '^contract.pdf')
[ -n "$main" ] || fail 'Okular shows no document'
xdotool windowsize --sync "$main" 1000 620 windowmove "$main" 0 0
rectangle() {
  xdotool windowactivate --sync "$main"
  xdotool mousemove 250 130 mousedown 1 mousemove 400 260 mousemove 700 500 mousemove 950 600 mouseup 1
}
# Tools, Digitally Sign…, and a rectangle for it: until Okular is done with drawing, it does not listen.
for _ in 1 2 3 4 5 6; do
  xdotool windowactivate --sync "$main" key Escape key alt+t key d
  rectangle
  certificates=$(window '^(Select certificate|Certificates)' 10)
  [ -z "$certificates" ] || break
done
[ -n "$certificates" ] || fail 'Okular shows no certificate'
case $(xdotool getwindowname "$certificates") in
  Select*) xdotool windowactivate --sync "$certificates" key Return ;;  # the only one
  *) # Okular 25.04: none is chosen yet, the rectangle comes after that and can be changed until "Finish Signing".
    xdotool windowactivate --sync "$certificates" mousemove --window "$certificates" 60 50 click 1 key Return
    for _ in 1 2 3 4 5 6; do
      rectangle
      xdotool key --delay 500 alt+n
      file=$(window '^Save Signed File As' 5)
      [ -z "$file" ] || break
    done
    ;;
esac
file=$(window '^Save Signed File As')
[ -n "$file" ] || fail 'Okular asks for no place for the signed document'
[ ! -s asked ] || fail "asked '$(cat asked)' before there is something to sign"
xdotool windowactivate --sync "$file" key Return
[ -n "$(window '^contract_signed.pdf')" ] || fail 'Okular shows no signed document'
kill $okular
[ "$(tr '\n' ' ' <asked)" = 'pin otp ' ] || fail "asked '$(tr '\n' ' ' <asked)'"
expect_no_agent

expect_success pdfsig -nssdir sql:db contract_signed.pdf
for words in 'Signature is Valid' 'Certificate is Trusted' 'Total document signed'; do
  grep -qF "$words" out || fail "not '$words': $(cat out)"
done
