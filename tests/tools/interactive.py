#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""A person at a terminal: types the PIN and the one-time password that arrives there, or presses Ctrl-C. The argument is
smartcmd."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

LIMIT = 60  # seconds
# Both are the agent's questions. What is typed before is thrown away.
QUESTION = r"digits\): "

SIGN = ["openssl", "cms", "-sign", "-binary", "-in", "doc", "-signer", "cmd:", "-inkey", "cmd:",
        "-outform", "DER", "-out", "doc.p7s"]


class Screen:
    """What a terminal shows of what is written to it, as far as we use it: enough rows, and no end of a line."""

    SEQUENCE = re.compile(r"\x1b\[(\d+)([ABL])|\x1b([D78])|([\r\n\a\b])|([^\x1b\r\n\a\b])")

    def __init__(self, text):
        self.rows, self.row, self.column, self.saved = [""], 0, 0, (0, 0)
        for count, command, other, control, shown in self.SEQUENCE.findall(text):
            if shown:
                line = self.rows[self.row].ljust(self.column)
                self.rows[self.row] = line[:self.column] + shown + line[self.column + 1:]
                self.column += 1
            elif command == "L":
                self.rows[self.row:self.row] = [""] * int(count)
            elif command in ("A", "B") and command:
                self.move(int(count) if command == "B" else -int(count))
            elif other == "7":
                self.saved = self.row, self.column
            elif other == "8":
                self.row, self.column = self.saved
            elif other == "D" or control == "\n":
                self.move(1)
            elif control in ("\r", "\b"):
                self.column = 0 if control == "\r" else self.column - 1

    def move(self, rows):
        self.row += rows
        self.rows += [""] * (self.row + 1 - len(self.rows))

    def row_of(self, text):
        return next(number for number, row in enumerate(self.rows) if text in row)


class Terminal:
    """A program in a session and terminal of its own."""

    def __init__(self, arguments, directory, **variables):
        self.seen = self.transcript = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(directory)
            os.environ["TMPDIR"] = directory
            os.environ.pop("SMARTCMD_ASKPASS", None)
            os.environ["SMARTCMD_PINENTRY"] = "none"
            os.environ.update(variables)
            os.execvp(arguments[0], arguments)

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

    def expect(self, *patterns):
        """Reads until all of them have come, in whatever order; the match of the first."""
        deadline = time.monotonic() + LIMIT
        while not all(matches := [re.search(pattern, self.seen) for pattern in patterns]):
            if not self.read_more(deadline):
                sys.exit(f"Not all of {patterns} in:\n{self.seen}")
        self.seen = self.seen[max(match.end() for match in matches):]
        return matches[0]

    def type(self, text):
        os.write(self.fd, text.encode())

    def finish(self):
        deadline = time.monotonic() + LIMIT
        while self.read_more(deadline):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def expect_nothing_left(directory):
    left = [name for name in os.listdir(directory) if name.startswith("smartcmd-")]
    assert not left, f"left behind: {left}"
    processes = subprocess.run(["pgrep", "-af", directory], stdout=subprocess.PIPE, text=True).stdout
    assert not processes, f"left running: {processes}"


def signs(smartcmd, directory, **variables):
    """The first one-time password is typed wrong. The message stands above the question, whichever came first."""
    terminal = Terminal([smartcmd, "sandbox", "--interactive", "--"] + SIGN, directory, TERM="xterm", **variables)
    pin = terminal.expect(r"PIN is (\d+)").group(1)
    terminal.expect(QUESTION)
    terminal.type(pin + "\n")
    otp = terminal.expect(r"\+351 910000000: \D*(\d{6})", QUESTION).group(1)
    terminal.type(str((int(otp) + 1) % 10**6).zfill(6) + "\n")
    terminal.expect("password is wrong", QUESTION)
    screen = Screen(terminal.transcript)
    message = screen.row_of("910000000: ")
    assert message < screen.row_of("(6 digits): ******"), "\n".join(screen.rows)
    assert "?" not in screen.rows[message], screen.rows[message]
    terminal.type(otp[:3] + " " + otp[3:] + "\n")
    status = terminal.finish()
    assert status == 0, f"status {status} from signing:\n{terminal.seen}"
    assert pin not in terminal.seen and otp not in terminal.seen, "a secret was echoed"
    assert os.path.getsize(os.path.join(directory, "doc.p7s")) > 0
    expect_nothing_left(directory)


def signs_in_ascii(smartcmd, directory):
    signs(smartcmd, directory, LC_ALL="C")


def cancels(smartcmd, directory):
    terminal = Terminal([smartcmd, "sandbox", "--interactive", "--"] + SIGN, directory)
    terminal.expect(r"PIN is (\d+)")
    terminal.expect(QUESTION)
    terminal.type("\x03")
    status = terminal.finish()
    assert status != 0, "Ctrl-C did not end it"
    expect_nothing_left(directory)


def stops_a_loop(smartcmd, directory):
    """bash goes on unless the command ended by the signal. What is said next stands on a line of its own."""
    loop = 'for file in doc doc; do "$0" sign "$file"; done; echo "went on"'
    terminal = Terminal([smartcmd, "sandbox", "--interactive", "--", "bash", "-c", loop, smartcmd], directory)
    terminal.expect(QUESTION)
    terminal.type("12\x03")
    assert terminal.finish() != 0, "Ctrl-C did not end it"
    assert re.match(r"\**\r\nsmartcmd: doc: not signed", terminal.seen), terminal.seen
    assert terminal.seen.count("Interrupted") == 1 and "went on" not in terminal.seen, terminal.seen
    expect_nothing_left(directory)


def cancels_at_start(smartcmd, directory):
    terminal = Terminal(["sh", "-c", 'echo begin; exec "$@"', "sh", smartcmd, "sandbox", "--", "cat"], directory)
    terminal.expect("begin")
    terminal.type("\x03")
    assert terminal.finish() != 0, "Ctrl-C did not end it"
    expect_nothing_left(directory)


def main():
    for case in (signs, signs_in_ascii, cancels, stops_a_loop, cancels_at_start):
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "doc"), "w") as document:
                document.write("Bom dia.\n")
            case(sys.argv[1], directory)
        print("ok:", case.__name__)


main()
