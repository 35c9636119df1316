# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Completion for fish. smartcmd itself says what may follow, in the form that cli/console/completion.h describes.

function __smartcmd_complete
    set -l typed (commandline --current-token --cut-at-cursor)
    set -l words (commandline --tokenize --current-process --cut-at-cursor) $typed
    for line in (command $words[1] --complete $words[2..] 2>/dev/null)
        set -l field (string split \t -- $line)
        switch $field[1]
            case word
                printf '%s\t%s\n' $field[2] "$field[3]"
            case files
                complete -C"'' $typed"
            case directories
                complete -C"'' $typed" | string match --regex '.*/$'
            case command
                set -l first (math $field[2] + 1)
                set -l given (string escape -- $words[$first..-2])
                complete -C"$given $typed"
        end
    end
end

complete --command smartcmd --no-files --keep-order --arguments '(__smartcmd_complete)'
