#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""A person at windows: each pinentry that is installed asks for PIN and one-time password on a screen of its own, in English
and in Portuguese. The argument is smartcmd; SMARTCMD_LOCALEDIR names the translations."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

LIMIT = 60  # seconds
FRONT_ENDS = ("pinentry-gtk-2", "pinentry-qt", "pinentry-fltk")
LANGUAGES = ("en", "pt")
DOCUMENT = "Contrato de arrendamento.pdf"
PIN = r"PIN.* (\d{6})\."  # as the sandbox says it

SIGN = ("openssl", "cms", "-sign", "-binary", "-in", "doc", "-signer", "cmd:", "-inkey",
        "cmd:?name=" + urllib.parse.quote(DOCUMENT), "-outform", "DER", "-out", "doc.p7s")

# What the pinentry is told in the course of a signature, as gettext knows it; the values are anything.
TOLD = (
    "SmartCMD, step 1 of 2: your signature PIN", "Account", "Program", "To sign", "Signature PIN (4 to 8 digits)", "_Continue",
    "_Cancel", "A signature PIN has 4 to 8 digits.", "SmartCMD, step 2 of 2: the one-time password the service has sent you",
    "Process", "One-time password (6 digits)", "_Sign",
    "That one-time password is wrong. The message that you have still counts: read it again.",
    "Your one-time password creates a signature in the name of {name}.",
    "Give it only if the message that brought it names what is written above.",
    "No message? Leave the field empty and press Enter: a new one-time password can be sent, once.",
    "Send a new one-time password? The one that was sent before is void then.", "_Send a new one", "_Back")


def wait_for(what, found):
    """What found() returns, once that is something."""
    deadline = time.monotonic() + LIMIT
    while not (result := found()):
        if time.monotonic() > deadline:
            sys.exit(f"{what} did not come within {LIMIT} s")
        time.sleep(0.05)
    return result


class Screen:
    """An X server with a window manager, and a keyboard."""

    def __enter__(self):
        reader, writer = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
                                       pass_fds=[writer], stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as display:
            os.environ["DISPLAY"] = ":" + display.readline().strip()
        self.manager = subprocess.Popen(["openbox"], stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        for process in (self.manager, self.server):
            process.terminate()
            process.wait()

    def do(self, *words):
        return subprocess.run(["xdotool", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout

    def windows(self):
        return self.do("search", "--onlyvisible", "--name", "^SmartCMD$").split()

    def press(self, *keys):
        self.do("key", "--delay", "30", *keys)


class Person:
    """Signs, without a terminal, and answers one question after the other."""

    def __init__(self, screen, smartcmd, pinentry, language, directory, command=()):
        self.screen = screen
        self.told_file = os.path.join(directory, "told")
        self.output_file = os.path.join(directory, "output")
        self.directory = directory
        self.questions = 0
        wrapper = os.path.join(directory, "pinentry")  # writes down what the real one is told; no secret comes that way
        with open(wrapper, "w") as script:
            script.write(f"#!/bin/sh\ntee -a '{self.told_file}' | {pinentry}\n")
        os.chmod(wrapper, 0o700)
        for file in ("told", "output", "doc"):
            open(os.path.join(directory, file), "w").close()
        environment = {**os.environ, "SMARTCMD_PINENTRY": wrapper, "LANGUAGE": language}
        environment.pop("SMARTCMD_ASKPASS", None)
        with open(self.output_file, "w") as output:
            self.process = subprocess.Popen(
                [smartcmd, "sandbox", "--interactive", "--", *(command or SIGN)],
                stdin=subprocess.PIPE, stdout=output, stderr=output, cwd=directory, env=environment, start_new_session=True)

    def told(self):
        return urllib.parse.unquote(open(self.told_file).read())

    def printed(self, pattern):
        return lambda: re.findall(pattern, open(self.output_file).read())

    def answer(self, *keys):
        """To the next question, in its window."""
        self.questions += 1
        wait_for(f"question {self.questions}", lambda: len(re.findall("^(GETPIN|CONFIRM|MESSAGE)$", self.told(), re.M)) == self.questions)
        window = wait_for("a window", self.screen.windows)[0]
        wait_for("the focus", lambda: self.screen.do("getactivewindow", "getwindowname").strip() == "SmartCMD")
        self.screen.press(*keys)
        wait_for("the window's end", lambda: window not in self.screen.windows())

    def end(self):
        return self.process.wait(LIMIT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.end()


def in_language(language, text):
    """gettext's own answer."""
    return subprocess.run(["gettext", "-d", "smartcmd", text], check=True, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "LANGUAGE": language, "TEXTDOMAINDIR": os.environ["SMARTCMD_LOCALEDIR"]}).stdout


def accelerator(label):
    return "alt+" + label[label.index("_") + 1].lower()


def expect_nothing_left(directory):
    """No process with the person's environment, of which the pinentry's own is one."""
    left = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            if directory.encode() in open(f"/proc/{process}/environ", "rb").read():
                left.append(open(f"/proc/{process}/cmdline").read())
        except OSError:  # it has ended, or is somebody else's
            pass
    assert not left, f"left running: {left}"


def signs(screen, smartcmd, pinentry, language, directory):
    with Person(screen, smartcmd, pinentry, language, directory) as person:
        pin = wait_for("the PIN", person.printed(PIN))[0]
        person.answer("1", "2", "Return")  # no PIN
        person.answer(*pin, "Return")
        message = r": (\d{6})\. .*\"" + re.escape(DOCUMENT)
        first = wait_for("the message", person.printed(message))[0]
        person.answer("Return")  # no password: a new one?
        person.answer(accelerator(in_language(language, "_Send a new one")))
        otp = wait_for("the second message", lambda: person.printed(message)()[1:])[0]
        person.answer(*str((int(otp) + 1) % 10**6).zfill(6), "Return")  # a wrong one
        person.answer(*otp, "Return")
        assert person.end() == 0, open(person.output_file).read()
        assert os.path.getsize(os.path.join(directory, "doc.p7s")) > 0
        told = person.told()
        for text in TOLD:
            assert in_language(language, text).partition("{")[0] in told, f"'{in_language(language, text)}' is not in:\n{told}"
        assert DOCUMENT + "  [SHA256 " in told
        for secret in (pin, first, otp):
            assert secret not in told
    expect_nothing_left(directory)


def cancels(screen, smartcmd, pinentry, language, directory):
    with Person(screen, smartcmd, pinentry, language, directory) as person:
        person.answer("Escape")
        assert person.end() != 0
        assert wait_for("the sentence", person.printed(re.escape(
            in_language(language, "The question for the signature PIN was cancelled. Nothing was signed."))))
    expect_nothing_left(directory)


def is_told_of_a_wrong_pin(screen, smartcmd, pinentry, language, directory):
    """In the window: who signs with openssl in the background sees nothing else."""
    with Person(screen, smartcmd, pinentry, language, directory) as person:
        pin = wait_for("the PIN", person.printed(PIN))[0]
        person.answer(*str((int(pin) + 1) % 10**6).zfill(6), "Return")
        person.answer("Return")
        assert person.end() != 0
        assert in_language(language, "The signature PIN is wrong. Several wrong PINs lock the signature, so make sure of it before you "
                                     "try again.") + " [801]\n" in person.told()
    expect_nothing_left(directory)


def names_all_documents(screen, smartcmd, pinentry, language, directory):
    """A window names ten of them. The others are offered once, before the first question."""
    documents = [f"doc{number}" for number in range(12)]
    for document in documents:
        with open(os.path.join(directory, document), "w") as file:
            file.write(document)
    with Person(screen, smartcmd, pinentry, language, directory, (smartcmd, "sign", *documents)) as person:
        person.answer(accelerator(in_language(language, "Show _all")))
        person.answer(accelerator(in_language(language, "_Next")))
        person.answer(accelerator(in_language(language, "_Continue")))
        pages = person.told()  # before a question names some as well
        for document in documents:
            assert f"\n{document}  [SHA256 " in pages, f"'{document}' is not in:\n{pages}"
        person.answer(*wait_for("the PIN", person.printed(PIN))[0], "Return")
        person.answer(*wait_for("the message", person.printed(r"910000000: \D*(\d{6})"))[0], "Return")
        assert person.end() == 0, open(person.output_file).read()
        for document in documents:
            assert os.path.getsize(os.path.join(directory, document + ".p7s")) > 0
    expect_nothing_left(directory)


def closes_with_the_host(screen, smartcmd, pinentry, language, directory):
    with Person(screen, smartcmd, pinentry, language, directory) as person:
        wait_for("a window", screen.windows)
        os.killpg(person.process.pid, signal.SIGTERM)
        person.end()
        wait_for("the window's end", lambda: not screen.windows())
    expect_nothing_left(directory)


def use_locale(directory):
    """One of our own, for gettext of late translates nothing in those of C."""
    subprocess.run(["localedef", "--inputfile=pt_PT", "--charmap=UTF-8", os.path.join(directory, "pt_PT.UTF-8")], check=True)
    os.environ.update(LOCPATH=directory, LC_ALL="pt_PT.UTF-8")


def main():
    front_ends = [path for path in map(shutil.which, FRONT_ENDS) if path]
    missing = [program for program in ("Xvfb", "openbox", "xdotool", "gettext", "localedef") if not shutil.which(program)]
    if missing or not front_ends:
        print("Not installed:", *(missing or ["a pinentry for windows"]), "- ./test desktop")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as locales, Screen() as screen:
        use_locale(locales)
        for pinentry in front_ends:
            for language in LANGUAGES:
                for case in (signs, cancels, is_told_of_a_wrong_pin, names_all_documents, closes_with_the_host):
                    with tempfile.TemporaryDirectory() as directory:
                        case(screen, sys.argv[1], pinentry, language, directory)
                    print("ok:", os.path.basename(pinentry), language, case.__name__, flush=True)


main()
