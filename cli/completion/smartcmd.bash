# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Completion for bash. smartcmd itself says what may follow, in the form that cli/console/completion.h describes.

# How many of COMP_WORDS, which '=' parts too, the first $1 words are.
_smartcmd_parts() {
  local i joined parts=0
  for ((i = 0; i < $1; ++i)); do
    joined=
    until [[ $joined == "${words[i]}" || $parts -gt $COMP_CWORD ]]; do joined+=${COMP_WORDS[parts++]}; done
  done
  echo "$parts"
}

_smartcmd() {
  local cur words cword kind text before=
  _get_comp_words_by_ref -n =: cur words cword
  [[ $cur != -*=* || $COMP_WORDBREAKS != *=* ]] || before=${cur%%=*}=  # what readline holds for another word

  COMPREPLY=()
  while IFS=$'\t' read -r kind text _; do
    case $kind in
      word)
        printf -v text %q "$text"
        [[ $text != "$cur"* ]] || COMPREPLY+=("${text#"$before"}")
        ;;
      files) compopt -o default ;;
      directories) compopt -o dirnames ;;
      command) _command_offset "$(_smartcmd_parts "$text")" ;;
    esac
  done < <("${1/#\~\//$HOME/}" --complete "${words[@]:1:cword}" 2>/dev/null)
}

complete -F _smartcmd smartcmd
