#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""Who asks for the PIN, and when: each command of openssl on a terminal and without one, with -passin and without, with
an askpass program and without. Runs inside a sandbox. OpenSSL's own prompt never comes."""

import itertools
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

LIMIT = 60  # seconds
PIN = os.environ["SMARTCMD_SANDBOX_PIN"]
OUTBOX = pathlib.Path(os.environ["SMARTCMD_SANDBOX_OUTBOX"])
CONFIGURATION = pathlib.Path(os.environ["SMARTCMD_CONFIG"]).read_text()
ANSWER = re.search("^askpass=(.*)$", CONFIGURATION, re.MULTILINE).group(1)
OPENSSL_ASKS = "Enter .*pass ?phrase"

LOOKING = (
    "storeutl -keys cmd:",
    "storeutl -text cmd:",
    "pkey -in cmd: -pubout",
    "pkey -in cmd: -noout -text_pub",
    "rsa -in cmd: -pubout",
    "pkey -in joana.key -pubout",
)
BARE = "dgst -sha256 -sign cmd: -out new doc"
SIGNING = {  # and the size of what is made, where it is a bare signature
    BARE: 384,
    "dgst -sha256 -sign joana.key -out new doc": 384,
    "pkeyutl -sign -rawin -digest sha256 -inkey cmd: -in doc -out new": 384,
    "cms -sign -binary -in doc -signer cmd: -inkey cmd: -outform DER -out new": None,
    "smime -sign -in doc -signer cmd: -inkey cmd: -out new": None,
    "req -new -key cmd: -subj /CN=Joana -out new": None,
    "x509 -req -in request.pem -CA cmd: -CAkey cmd: -CAserial serial -out new": None,
}


def newest_code():
    message = max(OUTBOX.iterdir(), key=lambda file: file.stat().st_mtime_ns)
    return re.search(r"^code: (\d+)", message.read_text(), re.MULTILINE).group(1)


class Terminal:
    """openssl in a session and terminal of its own; a person who answers what the agent asks."""

    def __init__(self, command, environment):
        self.seen = ""
        self.asked = []
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe("openssl", ["openssl", *command], environment)

    def answer(self):
        """What the agent has asked since the last question is answered."""
        question = re.search(r"\((6|4 to 8) digits\): $", self.seen)
        if question:
            self.asked.append("otp" if question[1] == "6" else "pin")
            self.seen += "\n"
            os.write(self.fd, ((PIN if self.asked[-1] == "pin" else newest_code()) + "\n").encode())

    def run(self):
        deadline = time.monotonic() + LIMIT
        while not re.search(OPENSSL_ASKS, self.seen):
            if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
                break
            try:
                chunk = os.read(self.fd, 4096)
            except OSError:  # the last writer has closed the terminal
                chunk = b""
            if not chunk:
                return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            self.seen += chunk.decode(errors="replace")
            self.answer()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return "killed"


class Place:
    """Where a command runs: with a terminal or without, with an askpass program or without."""

    def __init__(self, directory, askpass):
        self.asked = directory / "asked"
        self.environment = dict(os.environ, SMARTCMD_PINENTRY="none", SMARTCMD_CONFIG=str(directory / "smartcmd.conf"))
        self.environment.pop("SMARTCMD_ASKPASS", None)
        if askpass:
            self.environment["SMARTCMD_ASKPASS"] = str(directory / "askpass")

    def on_a_terminal(self, command):
        """Status, what was seen, who was asked for what"""
        self.asked.write_text("")
        terminal = Terminal(command, self.environment)
        status = terminal.run()
        return status, terminal.seen, terminal.asked, self.asked.read_text().split()

    def without(self, command, redirections):
        self.asked.write_text("")
        done = subprocess.run(["sh", "-c", f'exec openssl "$@" {redirections}', "sh", *command], env=self.environment,
                              start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT)
        seen = (done.stdout + done.stderr).decode(errors="replace")
        return done.returncode, seen, [], self.asked.read_text().split()


def check(what, result, by_the_agent, by_askpass):
    status, seen, agent, askpass = result
    assert not re.search(OPENSSL_ASKS, seen), f"{what}: openssl asks:\n{seen}"
    assert status == 0, f"{what}: status {status}:\n{seen}"
    assert agent == by_the_agent, f"{what}: the agent asked {agent} on the terminal, not {by_the_agent}:\n{seen}"
    assert askpass == by_askpass, f"{what}: askpass was asked {askpass}, not {by_askpass}"


def signs(command, size, place, passin, where, expected):
    pathlib.Path("doc").write_bytes(os.urandom(1000))  # what was just signed would be remembered
    pathlib.Path("new").unlink(missing_ok=True)
    arguments = command.split()
    last = arguments.pop() if arguments[-1] == "doc" else None
    arguments += (["-passin", passin] if passin else []) + ([last] if last else [])
    asks_agent, asks_askpass = expected
    result = place.on_a_terminal(arguments) if where is None else place.without(arguments, where)
    check(f"{' '.join(arguments)} {where or 'on a terminal'}", result, asks_agent, asks_askpass)
    made = pathlib.Path("new").read_bytes()
    assert size is None or len(made) == size, f"{command} {where}: {len(made)} octets:\n{made[:200]}"
    return result[1]


def looking_asks_nobody(directory):
    for askpass, command in itertools.product((False, True), LOOKING):
        check(command, Place(directory, askpass).on_a_terminal(command.split()), [], [])


def the_agent_asks_on_a_terminal(directory):
    for command, size in SIGNING.items():
        seen = signs(command, size, Place(directory, False), None, None, (["pin", "otp"], []))
        assert re.search("openssl [0-9a-f]{8}", seen), f"{command}: the document is not named:\n{seen}"


def a_pin_that_is_given_is_taken(directory):
    for command, size in SIGNING.items():
        signs(command, size, Place(directory, False), "file:pin", None, (["otp"], []))
        signs(command, size, Place(directory, True), f"pass:{PIN}", "<somewhere", ([], ["otp"]))
    for where in (None, "</dev/null", "<&-", "2>&-"):
        signs(BARE, 384, Place(directory, True), "file:pin", where, ([], ["otp"]))


def an_askpass_program_answers_alone(directory):
    for command, size in SIGNING.items():
        for where in (None, "</dev/null 2>&-"):
            signs(command, size, Place(directory, True), None, where, ([], ["pin", "otp"]))
    for where in ("</dev/null", "<somewhere", "<&-", "2>&-", ">&-"):
        signs(BARE, 384, Place(directory, True), None, where, ([], ["pin", "otp"]))


def ctrl_c_and_escape_end_the_question(directory):
    for key in ("\x03", "\x1b"):
        terminal = Terminal("dgst -sha256 -sign cmd: -out new doc".split(), Place(directory, False).environment)
        terminal.answer = lambda: re.search(r"digits\): $", terminal.seen) and os.write(terminal.fd, key.encode())
        assert terminal.run() != 0, terminal.seen
        assert not re.search(OPENSSL_ASKS, terminal.seen), terminal.seen


def prepare(directory):
    os.chdir(directory)
    smartcmd = re.search("^module *= *(.*)/provider/smartcmd.so", pathlib.Path(os.environ["OPENSSL_CONF"]).read_text(),
                         re.MULTILINE).group(1) + "/cli/smartcmd"
    pathlib.Path("joana.key").write_bytes(subprocess.run([smartcmd, "key-file"], stdout=subprocess.PIPE, check=True).stdout)
    pathlib.Path("smartcmd.conf").write_text(re.sub("^askpass=.*$", "", CONFIGURATION, flags=re.MULTILINE))
    pathlib.Path("askpass").write_text(f'#!/bin/sh\necho "$1" >>{directory}/asked\nexec {ANSWER} "$@"\n')
    os.chmod("askpass", 0o700)
    pathlib.Path("pin").write_text(PIN + "\n")
    os.chmod("pin", 0o600)
    pathlib.Path("somewhere").write_text("A line of standard input\n")
    pathlib.Path("serial").write_text("01\n")
    plain = dict(os.environ, OPENSSL_CONF="/dev/null")
    for command in ("genrsa -out own.key 2048", "req -new -key own.key -subj /CN=Own -config /etc/ssl/openssl.cnf -out request.pem"):
        subprocess.run(["openssl", *command.split()], env=plain, check=True, stderr=subprocess.DEVNULL)


def main():
    with tempfile.TemporaryDirectory() as directory:
        prepare(pathlib.Path(directory))
        for case in (looking_asks_nobody, the_agent_asks_on_a_terminal, a_pin_that_is_given_is_taken,
                     an_askpass_program_answers_alone, ctrl_c_and_escape_end_the_question):
            case(pathlib.Path(directory))
            print("ok:", case.__name__, flush=True)


if __name__ == "__main__":
    sys.exit(main())
