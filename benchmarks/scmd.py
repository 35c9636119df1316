# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""What the contenders need to know of the sandbox's service."""

import base64
import configparser
import hashlib
import os
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding

SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class Sandbox:
    def __init__(self):
        settings = configparser.ConfigParser(interpolation=None)
        settings.read(os.environ["SMARTCMD_CONFIG"])
        service = settings["service local"]
        self.endpoint = service["endpoint"]
        self.application_id = service["application-id"].encode()
        self.username = service["username"]
        self.password = pathlib.Path(service["password-file"]).read_text().strip()
        self.ca_file = service["ca-file"]
        self.user_id = settings["account joana"]["user-id"]
        self.pin = os.environ["SMARTCMD_SANDBOX_PIN"]
        certificate = pathlib.Path(service["encryption-certificate"]).read_bytes()
        self.encryption_key = x509.load_pem_x509_certificate(certificate).public_key()

    def encrypted(self, text):
        return base64.b64encode(self.encryption_key.encrypt(text.encode(), padding.PKCS1v15())).decode()

    def one_time_password(self, process_id):
        """The service delivers it before it answers."""
        message = pathlib.Path(os.environ["SMARTCMD_SANDBOX_OUTBOX"], process_id).read_text()
        return next(line[6:] for line in message.splitlines() if line.startswith("code: "))


def digest_info(document):
    return SHA256_DIGEST_INFO + hashlib.sha256(pathlib.Path(document).read_bytes()).digest()
