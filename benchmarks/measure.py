# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""Runs the contenders in turn, round by round, inside a sandbox: measure.py ROUNDS"""

import base64
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

from scmd import Sandbox, digest_info

HERE = pathlib.Path(__file__).resolve().parent
MEGABYTE = 1 << 20
S = "http://Ama.Authentication.Service/"
D = "http://schemas.datacontract.org/2004/07/Ama.Structures.CCMovelSignature"
ENVELOPE = ('<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
            "<s:Body>{}</s:Body></s:Envelope>")


def run(command, environment=None):
    subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)


def sign_with(signer, key, environment=None):
    run(["openssl", "cms", "-sign", "-binary", "-in", "document", "-signer", signer, "-inkey", key,
         "-outform", "DER", "-out", "document.p7s"], environment)


class Floor:
    """One curl process that makes the two requests of a signature over one connection. The second needs the process's id
    and the one-time password that come of the first, so curl reads it from a pipe."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.application_id = base64.b64encode(sandbox.application_id).decode()
        pathlib.Path("sign.xml").write_text(ENVELOPE.format(
            f'<SCMDSign xmlns="{S}"><request xmlns:d="{D}"><d:ApplicationId>{self.application_id}</d:ApplicationId>'
            f"<d:DocName>document</d:DocName>"
            f"<d:Hash>{base64.b64encode(digest_info('document')).decode()}</d:Hash>"
            f"<d:Pin>{sandbox.encrypted(sandbox.pin)}</d:Pin>"
            f"<d:UserId>{sandbox.encrypted(sandbox.user_id)}</d:UserId></request></SCMDSign>"))
        pathlib.Path("login").write_text(f'user = "{sandbox.username}:{sandbox.password}"\n')
        os.mkfifo("validate.xml")
        self.command = (["curl", "--silent", "--show-error", "--fail", "--no-buffer"]
                        + self.request("SCMDSign", ["--data-binary", "@sign.xml"])
                        + ["--next", "--silent", "--show-error", "--fail", "--no-buffer"]
                        + self.request("ValidateOtp", ["--request", "POST", "--upload-file", "validate.xml"]))

    def request(self, operation, body):
        return ["--config", "login", "--cacert", self.sandbox.ca_file, "--header", "Expect:",
                "--header", "Content-Type: text/xml; charset=utf-8",
                "--header", f'SOAPAction: "{S}SCMDService/{operation}"', *body, self.sandbox.endpoint]

    def run(self):
        with subprocess.Popen(self.command, stdout=subprocess.PIPE) as curl:
            started = b""
            while b"Envelope>" not in started:
                chunk = os.read(curl.stdout.fileno(), 65536)
                if not chunk:
                    sys.exit(f"The first request failed: {started!r}")
                started += chunk
            process_id = re.search(rb"ProcessId>([^<]+)<", started).group(1).decode()
            otp = self.sandbox.one_time_password(process_id)
            pathlib.Path("validate.xml").write_text(ENVELOPE.format(
                f'<ValidateOtp xmlns="{S}"><code>{self.sandbox.encrypted(otp)}</code><processId>{process_id}</processId>'
                f"<applicationId>{self.application_id}</applicationId></ValidateOtp>"))
            answer = curl.stdout.read()
        if curl.returncode or b"Signature>" not in answer:
            sys.exit(f"The second request failed: {answer!r}")


def measure(contenders, rounds):
    times = {name: [] for name in contenders}
    for _ in range(rounds + 1):
        for name, contender in contenders.items():
            begin = time.perf_counter()
            contender()
            times[name].append(time.perf_counter() - begin)
    return {name: 1000 * statistics.median(each[1:]) for name, each in times.items()}  # the first round warms up


def processor():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} × {model.group(1) if model else 'unknown processor'}"


def main():
    rounds = max(9, int(sys.argv[1]))
    sandbox = Sandbox()
    ordinary = {name: value for name, value in os.environ.items() if name != "OPENSSL_CONF"}
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        pathlib.Path("document").write_bytes(os.urandom(MEGABYTE))
        run(["openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
             "-subj", "/CN=File key"], ordinary)
        floor = Floor(sandbox)
        medians = measure({
            "openssl cms -sign, key in a file": lambda: sign_with("cert.pem", "key.pem", ordinary),
            "openssl cms -sign, SmartCMD": lambda: sign_with("cmd:", "cmd:"),
            "floor: curl, the same two requests": floor.run,
            "integrator: Python, zeep": lambda: run(
                [sys.executable, "-B", HERE / "integrator.py", "document", "signature"], ordinary)}, rounds)

    file_key, ours, least, _ = medians.values()
    print(f"1 MB, medians of {rounds} processes, {processor()}, {time.strftime('%F')}\n")
    print(f"| {'':<36} | {'ms':>8} | {'× floor':>8} |\n|{'-' * 38}|{'-' * 9}:|{'-' * 9}:|")
    for name, median in medians.items():
        print(f"| {name:<36} | {median:8.1f} | {median / least:8.2f} |")
    print(f"\nSmartCMD less the key in a file: {(ours - file_key) / least:.2f} × floor (aim: at most 1.50)")


main()
