# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""What programs pay for SmartCMD being there: presence.py BUILD-DIRECTORY ROUNDS"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(sys.argv[1]).resolve()
ROUNDS = max(9, int(sys.argv[2]))
LOAD_MODULE = BUILD / "benchmarks/load-module"
ACCOUNTS = 1000
PIN = "1234"


def library(name):
    return next(pathlib.Path("/usr/lib").rglob(name))


MODULES = {"SmartCMD": BUILD / "p11kit-module/smartcmd-pkcs11.so", "SoftHSM2": library("libsofthsm2.so"),
           "OpenSC": library("opensc-pkcs11.so")}


def run(*command, **environment):
    done = subprocess.run([str(word) for word in command], env={**os.environ, **environment}, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return done.stdout + done.stderr


def load_module(*arguments, **environment):
    return json.loads(run(LOAD_MODULE, *arguments, **environment))


def instructions(*command, **environment):
    said = run("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command, **environment)
    return int(re.search(r"Collected : (\d+)", said).group(1))


def row(what, *values):
    print(f"| {what:<52} |" + "".join(f" {value:>12} |" for value in values))


def head(what, *columns):
    print()
    row(what, *columns)
    print(f"|{'-' * 54}|" + f"{'-' * 13}:|" * len(columns))


# ---- an account with the fake agent, and the same key and certificates in SoftHSM -----------------------------------

def account(name):
    return f"[account {name}]\nservice=fake\nuser-id=+351 910000000\n"


def configuration(directory, names):
    return (f"[smartcmd]\nstate-directory={directory}/state\naskpass={directory}/askpass\n"
            "[service fake]\nendpoint=https://127.0.0.1/\napplication-id=00000000-0000-0000-0000-000000000000\n"
            "username=bench\npassword-file=password\nencryption-certificate=encryption.pem\n"
            + "".join(map(account, names)))


def make_home(directory):
    run(BUILD / "tests/support/make-identity", directory)
    names = ["joana"] + [f"account{number}" for number in range(1, ACCOUNTS)]
    (directory / "one.conf").write_text(configuration(directory, names[:1]))
    (directory / "many.conf").write_text(configuration(directory, names))
    (directory / "state").mkdir()
    for name in names:
        os.link(directory / "chain.pem", directory / f"state/{name}.pem")
    (directory / "askpass").write_text(f"#!/bin/sh\necho {PIN}00\n")
    (directory / "askpass").chmod(0o700)
    os.environ.update({
        "SMARTCMD_CONFIG": str(directory / "one.conf"), "SMARTCMD_AGENT": str(BUILD / "tests/support/fake-agent"),
        "SMARTCMD_FAKE_KEY": str(directory / "key.pem"), "SMARTCMD_FAKE_CHAIN": str(directory / "chain.pem"),
        "SMARTCMD_FAKE_LOG": "/dev/null", "SOFTHSM2_CONF": str(directory / "softhsm2.conf")})


def fill_softhsm(directory):
    (directory / "tokens").mkdir()
    (directory / "softhsm2.conf").write_text(f"directories.tokendir = {directory}/tokens\n")
    run("softhsm2-util", "--init-token", "--free", "--label", "bench", "--so-pin", PIN, "--pin", PIN)
    run("softhsm2-util", "--import", directory / "key.pem", "--token", "bench", "--label", "joana", "--id", "01",
        "--pin", PIN)
    certificates = re.findall("-----BEGIN.*?END CERTIFICATE-----\n", (directory / "chain.pem").read_text(), re.DOTALL)
    for number, pem in enumerate(certificates, 1):
        (directory / "certificate.pem").write_text(pem)
        run("pkcs11-tool", "--module", MODULES["SoftHSM2"], "--token-label", "bench", "--login", "--pin", PIN,
            "--write-object", directory / "certificate.pem", "--type", "cert", "--id", f"{number:02}",
            "--label", f"certificate {number}")


# ---- what is measured -----------------------------------------------------------------------------------------------

def visits():
    nothing = instructions(LOAD_MODULE, "visit")
    told = {name: [] for name in MODULES}
    for _ in range(ROUNDS):
        for name, module in MODULES.items():
            told[name].append(load_module("visit", module))
    head("A module from dlopen to C_Finalize, all objects read", *MODULES)
    row("instructions, millions", *(f"{(instructions(LOAD_MODULE, 'visit', module) - nothing) / 1e6:.1f}"
                                    for module in MODULES.values()))
    for what, key in {"µs": "microseconds", "objects": "objects", "libraries mapped": "libraries",
                      "resident memory, KiB": "resident", "of it shared with nobody, KiB": "own"}.items():
        row(what, *(f"{statistics.median(each[key] for each in told[name]):.0f}" for name in MODULES))


def signature():
    times = load_module("sign", MODULES["SmartCMD"], 10 * ROUNDS)
    row("C_Sign of a digest without the agent's turn, µs", f"{times['own']:.0f}", "20")
    row("of it verifying the signature: C_Verify, µs", f"{times['verification']:.0f}", "")
    row("the agent's turn (the fake one signs itself), µs", f"{times['turn']:.0f}", "")


def many_accounts(directory):
    told = [load_module("accounts", MODULES["SmartCMD"], SMARTCMD_CONFIG=str(directory / "many.conf"))
            for _ in range(ROUNDS)]
    assert told[0]["slots"] == ACCOUNTS
    for what, key, aim in (("C_GetSlotList", "list", "1"), ("C_GetTokenInfo of each", "tokens", ""),
                           ("C_Initialize before both", "load", "")):
        row(f"{ACCOUNTS} accounts: {what}, ms", f"{statistics.median(each[key] for each in told) / 1000:.2f}", aim)


def hashing():
    ours, theirs = [], []
    for _ in range(5):
        ours.append(load_module("hash", MODULES["SmartCMD"])["bytes_per_second"])
        speed = run("openssl", "speed", "-seconds", "1", "-bytes", "16384", "-evp", "sha256")
        theirs.append(1000 * float(re.search(r"^sha256\s+([\d.]+)k", speed, re.MULTILINE).group(1)))
    row("C_SignUpdate, in % of openssl speed -evp sha256", f"{100 * max(ours) / max(theirs):.0f}", "95")


def provider(directory):
    counts = []
    for name, active in {"without": "default", "with": "default smartcmd"}.items():
        sections = "".join(f"{each} = {each}_section\n" for each in active.split())
        (directory / f"{name}.cnf").write_text(
            f"openssl_conf = init\n[init]\nproviders = providers\n[providers]\n{sections}"
            f"[default_section]\nactivate = 1\n[smartcmd_section]\nmodule = {BUILD}/provider/smartcmd.so\nactivate = 1\n")
        counts.append(instructions("openssl", "list", "-providers", OPENSSL_CONF=str(directory / f"{name}.cnf")))
    row("openssl list -providers, instructions more, %", f"{100 * counts[1] / counts[0] - 100:.1f}", "3")
    row("the same without SmartCMD, millions", f"{counts[0] / 1e6:.1f}", "")


def main():
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        make_home(directory)
        fill_softhsm(directory)
        visits()
        head("", "SmartCMD", "aim")
        signature()
        many_accounts(directory)
        hashing()
        provider(directory)


main()
