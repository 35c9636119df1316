# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""Takes the last signature out of a PDF (ISO 32000-1, section 12.8.1): pdf_signature.py PDF SIGNATURE SIGNED

SIGNATURE becomes the CMS in /Contents, with the zeros that fill it up; SIGNED what /ByteRange says was signed, which has
to be the whole file but /Contents."""

import pathlib
import re
import sys


def main():
    pdf = pathlib.Path(sys.argv[1]).read_bytes()
    ranges = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)
    if not ranges:
        sys.exit("no signature")
    start, length, next_start, next_length = map(int, ranges[-1])
    contents = re.fullmatch(rb"<([0-9A-Fa-f]*)>", pdf[start + length:next_start])
    if start != 0 or next_start + next_length != len(pdf) or not contents:
        sys.exit("the signature does not cover the whole file but itself")
    pathlib.Path(sys.argv[2]).write_bytes(bytes.fromhex(contents[1].decode()))
    pathlib.Path(sys.argv[3]).write_bytes(pdf[:length] + pdf[next_start:])


main()
