#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""Prints a self-signed certificate (PEM) that is valid from FIRST to LAST, in days from now."""

import datetime
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

first, last = (datetime.datetime.utcnow() + datetime.timedelta(days=int(days)) for days in sys.argv[1:3])
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Dated")])
builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), first, last)
print(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode(), end="")
