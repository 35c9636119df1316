#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# The tool and the agent speak the person's language, and English where there is no other.
# shellcheck disable=SC2086  # the words of a command
smartcmd=$1
. "$(dirname "$0")/lib.sh"

# A locale of our own, for gettext of late translates nothing in those of C.
localedef --inputfile=pt_PT --charmap=UTF-8 "$dir/pt_PT.UTF-8"
in_language() { echo "env LOCPATH=$dir LC_ALL=pt_PT.UTF-8 LANGUAGE=$1"; }
portuguese=$(in_language pt)
icelandic=$(in_language is)  # there is none

expect_success $portuguese "$smartcmd" list
grep -q '^CONTA  *ETIQUETA' out || fail "no Portuguese: $(cat out)"
expect_success $icelandic "$smartcmd" list
grep -q '^ACCOUNT  *LABEL' out || fail "no English: $(cat out)"
expect_success $portuguese "$smartcmd" list --help
grep -q 'Lê a configuração' out || fail "no help in Portuguese: $(cat out)"
# No command's help has words left in English: but for GLib's own, which it translates where it is installed so, and
# commands to type. What an option takes stands before it.
of_glib='Usage:|Help Options:|Application Options:|Show help options|.*\[OPTION.*'
in_both='(keytool|openssl) .*'
"$smartcmd" --help >commands
for command in '' $(sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p' commands); do
  $icelandic "$smartcmd" $command --help | sed -E 's/^.* {2,}//' | grep -vxE "|$of_glib|$in_both" >english
  $portuguese "$smartcmd" $command --help | sed -E 's/^.* {2,}//' >ours
  if grep -Fxf english ours; then fail "English in $command --help"; fi
done
expect_success $portuguese "$smartcmd" sign --help
grep -q -- '--tsa-ca=FICHEIRO' out || fail "what options take is English: $(cat out)"
expect_failure 'Não há nenhuma conta' $portuguese "$smartcmd" show nobody

# Values in sentences: numbers, and whose authority it is
make_document doc
expect_failure '^smartcmd: 1 de 2 ficheiros não está feito' $portuguese "$smartcmd" sign missing doc
expect_failure '^smartcmd: 2 de 2 ficheiros não estão feitos' $portuguese "$smartcmd" sign missing other
status 3 $portuguese "$smartcmd" verify doc
grep -q "A assinatura é válida. Só o serviço da conta 'joana' responde por quem assinou" out || fail "$(cat out)"

# What the agent says, and what it says to whom it asks
printf '#!/bin/sh\nexit 1\n' >askpass
chmod 0700 askpass
expect_failure 'O pedido do PIN de assinatura foi cancelado' \
  $portuguese SMARTCMD_ASKPASS="$PWD/askpass" "$smartcmd" enrol --with-pin joana
expect_failure 'was cancelled' $icelandic SMARTCMD_ASKPASS="$PWD/askpass" "$smartcmd" enrol --with-pin joana
