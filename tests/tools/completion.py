#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""Somebody presses Tab in bash, zsh and fish, those that are installed. Inside a sandbox with two accounts; the arguments are
smartcmd and the directory with the shells' files."""

import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LIMIT = 60  # seconds
BASH_COMPLETION = pathlib.Path("/usr/share/bash-completion/bash_completion")
SKIPPED = 77
TAB, TAKE = "\t", "\x07"  # the second one has the shell show the line that stands there, and clear it


class Shell:
    """A shell at a terminal."""

    def __init__(self, arguments, prepare, environment):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(arguments[0], arguments, environment)
        self.send(f"stty cols 400 rows 100; {prepare}; echo rea''dy\n")
        self.expect("ready\r?\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)

    def send(self, keys):
        os.write(self.fd, keys.encode())

    def expect(self, pattern):
        deadline = time.monotonic() + LIMIT
        while not (match := re.search(pattern, self.seen)):
            if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
                sys.exit(f"No {pattern} within {LIMIT} s in:\n{self.seen}")
            chunk = os.read(self.fd, 4096).decode(errors="replace")
            self.seen = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]", "", self.seen + chunk)
        self.seen = self.seen[match.end():]
        return match

    def complete(self, line):
        """The line after Tab."""
        self.send(line + TAB + TAKE)
        return self.expect(r"<<(.*?)>>")[1]

    def list(self, line, pattern):
        """Presses Tab where there is a choice, until the pattern is shown. (zsh shows none while it has more to read.)"""
        self.send(line + TAB)
        self.expect(pattern)
        self.send(TAKE)
        self.expect(r"<<(.*?)>>")


def bash(home, environment):
    (home / ".inputrc").write_text("set show-all-if-ambiguous on\nset completion-query-items 0\nset page-completions off\n"
                                   "set enable-bracketed-paste off\n")
    take = r"""bind -x '"\C-g": printf "<<%s>>\n" "$READLINE_LINE"; READLINE_LINE=; READLINE_POINT=0'"""
    return Shell(["bash", "--noprofile", "--norc", "-i"], f". {BASH_COMPLETION}; {take}; PS1=", environment)


def zsh(home, environment):
    return Shell(["zsh", "-f", "-i"],
                 f"fpath=({home}/zsh $fpath); autoload -U compinit; compinit -u -D; LISTMAX=1000; PS1=; unsetopt prompt_sp; "
                 "take() { zle -M -- \"<<$BUFFER>>\"; BUFFER= }; zle -N take; bindkey '^G' take", environment)


class Fish:
    """fish tells what it would offer."""

    def __init__(self, _, environment):
        self.environment = environment

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def ask(self, line):
        return subprocess.run(["fish", "--command", "complete --do-complete $argv[1]", line], env=self.environment, text=True,
                              check=True, capture_output=True, timeout=LIMIT).stdout

    def complete(self, line):
        words = [row.split("\t")[0] for row in self.ask(line).splitlines()]
        if len(words) != 1:
            return line
        end = "" if words[0].endswith("/") else " "
        return line[:line.rindex(" ") + 1] + words[0].replace("'", "\\'").replace(" ", "\\ ") + end

    def list(self, line, pattern):
        shown = self.ask(line)
        if not re.search(pattern, shown):
            sys.exit(f"No {pattern} in:\n{shown}")


SHELLS = {"bash": bash, "zsh": zsh, "fish": Fish}

# What is typed, and what stands there after Tab
COMPLETED = (
    ("smartcmd sh", "smartcmd show "),
    ("smartcmd --ver", "smartcmd --version "),
    ("smartcmd sign --com", "smartcmd sign --commitment "),
    ("smartcmd sign --commitment app", "smartcmd sign --commitment approval "),
    ("smartcmd sign --commitment=app", "smartcmd sign --commitment=approval "),
    ("smartcmd sign --md sha5", "smartcmd sign --md sha512 "),
    ("smartcmd sign --account ti", "smartcmd sign --account tiago "),
    ("smartcmd sign --one-by-one --account=ti", "smartcmd sign --one-by-one --account=tiago "),
    ("smartcmd show jo", "smartcmd show joana "),
    ("smartcmd forget --all ti", "smartcmd forget --all tiago "),
    ("smartcmd uri o", "smartcmd uri o-neill "),
    ("smartcmd nss rem", "smartcmd nss remove "),
    ("smartcmd setup -s pro", "smartcmd setup -s production "),
    ("smartcmd enrol --service lo", "smartcmd enrol --service local "),
    ("smartcmd sign con", "smartcmd sign contrato\\ de\\ Joana.pdf "),
    ("smartcmd sign -- con", "smartcmd sign -- contrato\\ de\\ Joana.pdf "),
    ("smartcmd verify --content con", "smartcmd verify --content contrato\\ de\\ Joana.pdf "),
    ("smartcmd sign --out-dir not", "smartcmd sign --out-dir notas/"),
    ("smartcmd sign --out-dir=not", "smartcmd sign --out-dir=notas/"),
    ("smartcmd sandbox -n 2 -- smartcmd sh", "smartcmd sandbox -n 2 -- smartcmd show "),
    ("smartcmd sandbox --accounts=2 -- smartcmd sign --com", "smartcmd sandbox --accounts=2 -- smartcmd sign --commitment "),
    ("smartcmd sandbox -- uniq-of-sma", "smartcmd sandbox -- uniq-of-smartcmd "),
    # Nothing follows
    ("smartcmd show joana ti", "smartcmd show joana ti"),
    ("smartcmd list con", "smartcmd list con"),
    ("smartcmd sign --name con", "smartcmd sign --name con"),
    ("smartcmd nothing con", "smartcmd nothing con"),
)

# What is typed, and what is shown after Tab among others; to the right of the words where the shell shows meanings.
LISTED = (
    ("smartcmd ", ("doctor", "enrol", "key-file", "sandbox", "verify")),
    ("smartcmd sign --", ("--account", "--evidence", "--help", "--one-by-one", "--tsa-ca")),
    ("smartcmd show ", ("joana", "o-neill", "tiago")),
)
MEANINGS = (("smartcmd s", "Sign files"), ("smartcmd show ", "Tiago: & filhos, S.A."), ("smartcmd sign --", "The account that signs"))


def check(name, shell):
    for typed, expected in COMPLETED:
        completed = shell.complete(typed)
        assert completed == expected, f"{name}: {typed!r} became {completed!r}, not {expected!r}"
    for typed, words in LISTED:
        for word in words:
            shell.list(typed, rf"(?<=\s){word}(?=\s)" if name != "fish" else rf"(?m)^{word}(?=\s)")
    for typed, meaning in MEANINGS if name != "bash" else ():
        shell.list(typed, re.escape(meaning))


def install(files, home):
    for source, place in (("smartcmd.bash", ".local/share/bash-completion/completions/smartcmd"), ("_smartcmd", "zsh/_smartcmd"),
                          ("smartcmd.fish", ".config/fish/completions/smartcmd.fish")):
        (home / place).parent.mkdir(parents=True)
        shutil.copy(files / source, home / place)


def prepare(home):
    """Files to choose from, a command of its own name, and accounts whose names and labels mean something to shells."""
    work = home / "work"
    (work / "notas").mkdir(parents=True)
    (work / "contrato de Joana.pdf").touch()
    (home / "bin").mkdir()
    command = home / "bin/uniq-of-smartcmd"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o700)
    text = pathlib.Path(os.environ["SMARTCMD_CONFIG"]).read_text()
    text = text.replace("label=Tiago", "label=Tiago: & filhos,\\tS.A.")
    (home / "smartcmd.conf").write_text(text + "\n[account o-neill]\nservice=local\nuser-id=+351 910000009\n")
    os.chdir(work)


def main(smartcmd, files):
    shells = [name for name in SHELLS if shutil.which(name) and (name != "bash" or BASH_COMPLETION.exists())]
    with tempfile.TemporaryDirectory() as directory:
        home = pathlib.Path(directory)
        install(pathlib.Path(files), home)
        prepare(home)
        environment = {"HOME": directory, "LC_ALL": "C.UTF-8", "TERM": "xterm", "SMARTCMD_CONFIG": directory + "/smartcmd.conf",
                       "PATH": f"{os.path.dirname(smartcmd)}:{directory}/bin:{os.environ['PATH']}"}
        for name in shells:
            with SHELLS[name](home, environment) as shell:
                check(name, shell)
            print("ok:", name)
    sys.exit(0 if shells else SKIPPED)


main(*sys.argv[1:])
