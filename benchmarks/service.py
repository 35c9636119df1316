# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""What the service makes of a field, by what is wrong with it, in one process and over HTTPS: service.py BUILD ROUNDS"""

import base64
import configparser
import http.client
import os
import pathlib
import random
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding

BODY = ('<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><x:GetCertificate '
        'xmlns:x="http://Ama.Authentication.Service/"><x:applicationId>{}</x:applicationId><x:userId>{}</x:userId>'
        "</x:GetCertificate></e:Body></e:Envelope>")
QUESTIONS = 1500


def heading(title):
    print(f"| {title:<36} | {'µs':>8} | {'× right':>8} |\n|{'-' * 38}|{'-' * 9}:|{'-' * 9}:|", flush=True)


class Service:
    """One that answers any number of questions, on a free port."""

    def __init__(self, smartcmdd, directory):
        subprocess.run([smartcmdd, "init", directory], check=True)
        settings = directory / "smartcmdd.conf"
        settings.write_text(settings.read_text().replace("unknown-users=600", "unknown-users=1000000000"))
        self.process = subprocess.Popen([smartcmdd, "serve", "--die-with-parent", directory],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        where = urllib.parse.urlsplit(self.process.stdout.readline().strip())
        client = configparser.ConfigParser(interpolation=None)
        client.read(directory / "client/service.conf")
        local = client["service local"]
        password = pathlib.Path(local["password-file"]).read_text()
        self.application_id = base64.b64encode(local["application-id"].encode()).decode()
        certificate = x509.load_pem_x509_certificate(pathlib.Path(local["encryption-certificate"]).read_bytes())
        self.key = certificate.public_key()
        self.path = where.path
        self.headers = {"Authorization": "Basic " + base64.b64encode(f"{local['username']}:{password}".encode()).decode(),
                        "Content-Type": "text/xml; charset=utf-8",
                        "SOAPAction": '"http://Ama.Authentication.Service/SCMDService/GetCertificate"'}
        self.connection = http.client.HTTPSConnection(where.hostname, where.port, timeout=60,
                                                      context=ssl.create_default_context(cafile=local["ca-file"]))

    def ask(self, field):
        body = BODY.format(self.application_id, field)
        begin = time.perf_counter()
        self.connection.request("POST", self.path, body, self.headers)
        answer = self.connection.getresponse().read()
        passed = time.perf_counter() - begin
        assert b"GetCertificateResponse" in answer, answer
        return 1e6 * passed

    def encrypted(self, text):
        return base64.b64encode(self.key.encrypt(text, padding.PKCS1v15())).decode()

    def noise(self):
        return base64.b64encode(b"\0" + os.urandom(255)).decode()


def main():
    build, rounds = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
    heading("A field, in one process")
    subprocess.run([build / "benchmarks/field-keys", str(200 * rounds)], check=True)
    with tempfile.TemporaryDirectory() as directory:
        service = Service(build / "service/smartcmdd", pathlib.Path(directory) / "service")
        try:
            kinds = {"right, of nobody": lambda: service.encrypted(b"+351 999999999"),
                     "wrong content": lambda: service.encrypted(b"secret"),
                     "wrong padding": service.noise,
                     "no base64": lambda: "*" * 344}
            times = {name: [] for name in kinds}
            for _ in range(QUESTIONS):
                fields = [(name, field()) for name, field in kinds.items()]
                random.shuffle(fields)  # none always follows the same one
                for name, field in fields:
                    times[name].append(service.ask(field))
        finally:
            service.process.terminate()
            service.process.wait()
    print()
    heading("GetCertificate over HTTPS")
    medians = {name: statistics.median(each) for name, each in times.items()}
    for name, median in medians.items():
        print(f"| {name:<36} | {median:8.1f} | {median / next(iter(medians.values())):8.3f} |")


main()
