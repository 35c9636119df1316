#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""A person at a terminal answers smartcmd setup; the password is not shown. The argument is smartcmd."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time

LIMIT = 60  # seconds
PASSWORD = "gaivota 42"


class Terminal:
    def __init__(self, arguments, environment):
        self.seen = self.transcript = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(arguments[0], arguments, environment)

    def read_more(self, deadline):
        if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
            os.kill(self.pid, signal.SIGKILL)
            sys.exit(f"Nothing more came within {LIMIT} s after:\n{self.seen}")
        try:
            chunk = os.read(self.fd, 4096)
        except OSError:  # the last writer has closed the terminal
            chunk = b""
        self.seen += chunk.decode(errors="replace")
        self.transcript += chunk.decode(errors="replace")
        return chunk

    def expect(self, pattern):
        deadline = time.monotonic() + LIMIT
        while not (match := re.search(pattern, self.seen)):
            if not self.read_more(deadline):
                sys.exit(f"No {pattern} in:\n{self.seen}")
        self.seen = self.seen[match.end():]

    def answer(self, pattern, text):
        self.expect(pattern)
        os.write(self.fd, text.encode())

    def shows_input(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def finish(self):
        deadline = time.monotonic() + LIMIT
        while self.read_more(deadline):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def environment(directory):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SMARTCMD_", "XDG_"))}
    # No service is reached: what is written has to stay, and no request leaves the machine.
    return kept | {"HOME": directory, "XDG_CONFIG_HOME": directory + "/config", "LC_ALL": "C.UTF-8",
                   "https_proxy": "http://127.0.0.1:1", "no_proxy": ""}


def begin(smartcmd, directory):
    terminal = Terminal([smartcmd, "setup"], environment(directory))
    terminal.answer(r"AMA(.|\n)*Service \(.*\):", "preproduction\n")
    terminal.answer("Application id.*:", "mine\n")
    terminal.answer("is not an application id(.|\n)*Application id.*:", "b826359c-06f8-425e-8ec3-50a97a418916\n")
    terminal.answer("User name:", " user \n")
    return terminal


def answers(smartcmd, directory):
    terminal = begin(smartcmd, directory)
    terminal.answer(r"Password \(not shown\):", PASSWORD + "\n")
    terminal.answer("File with the certificate.*:", "/nowhere\n")
    assert terminal.shows_input(), "the terminal was left without echo"
    terminal.answer("/nowhere(.|\n)*File with the certificate.*:", directory + "/encryption.pem\n")
    terminal.expect("configuration is written, but the service could not be used just now(.|\n)*Next: smartcmd enrol")
    assert terminal.finish() == 0 and PASSWORD not in terminal.transcript, terminal.transcript
    written = directory + "/config/smartcmd/"
    with open(written + "cmd-preproduction-password", encoding="utf-8") as file:
        assert file.read() == PASSWORD
    with open(written + "smartcmd.conf", encoding="utf-8") as file:
        text = file.read()
    assert "endpoint=https://preprod.cmd.autenticacao.gov.pt/" in text and "username=user\n" in text, text
    subprocess.run([smartcmd, "list"], env=environment(directory), check=True)


def interrupts(smartcmd, directory):
    terminal = begin(smartcmd, directory)
    terminal.answer(r"Password \(not shown\):", PASSWORD[:3])
    terminal.answer("", "\x03")
    assert terminal.finish() == -signal.SIGINT
    assert terminal.shows_input(), "the terminal was left without echo"
    assert not os.path.exists(directory + "/config/smartcmd/smartcmd.conf")


def own_service(smartcmd, directory):
    """A service of another operator: a wrong name is asked for again, and its authorities are asked for."""
    terminal = Terminal([smartcmd, "setup"], environment(directory))
    terminal.answer(r"Service \(.*\):", "../mine\n")
    terminal.answer(r"name has letters(.|\n)*Service \(.*\):", "mine\n")
    terminal.answer("address.*:", "http://here\n")
    terminal.answer("https://(.|\n)*address.*:", "https://localhost/\n")
    terminal.answer("Application id.*:", "b826359c-06f8-425e-8ec3-50a97a418916\n")
    terminal.answer("User name:", "user\n")
    terminal.answer(r"Password \(not shown\):", PASSWORD + "\n")
    terminal.answer("File with the certificate.*:", directory + "/encryption.pem\n")
    terminal.answer("File with the authorities.*:", "/nowhere\n")
    terminal.answer("/nowhere(.|\n)*File with the authorities.*:", directory + "/encryption.pem\n")
    terminal.expect("Next: smartcmd enrol")
    assert terminal.finish() == 0, terminal.transcript
    with open(directory + "/config/smartcmd/smartcmd.conf", encoding="utf-8") as file:
        assert f"ca-file={directory}/encryption.pem\n" in file.read()


def ends_the_input(smartcmd, directory):
    """Ctrl-D at a terminal is a change of mind: nobody is told to use a terminal. An address without a path is none."""
    terminal = Terminal([smartcmd, "setup"], environment(directory))
    terminal.answer(r"Service \(.*\):", "mine\n")
    terminal.answer("address.*:", "https://localhost\n")
    terminal.answer("has a path(.|\n)*address.*:", "\x04")
    terminal.expect("You ended the input. Nothing was changed.")
    assert terminal.finish() == 1 and "Run this in a terminal" not in terminal.transcript, terminal.transcript


for case in (answers, interrupts, own_service, ends_the_input):
    with tempfile.TemporaryDirectory() as home:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Encryption", "-keyout",
                        home + "/key.pem", "-out", home + "/encryption.pem"], check=True, capture_output=True)
        case(sys.argv[1], home)
    print("ok:", case.__name__)
