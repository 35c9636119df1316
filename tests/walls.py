#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""Holds the includes of every room against the walls that docs/ARCHITECTURE.md draws."""

import pathlib
import re
import sys

ROOMS = ("base", "http", "signing", "provider", "p11kit-module", "agent", "soap-client", "service", "cli", "documents", "tests")

# What a room may include of the others, and which libraries' headers it may never see.
WALLS = {
    "base": ((), "curl libxml p11-kit microhttpd soci assuan openssl/core.h openssl/core_dispatch.h openssl/x509.h"),
    "http": (("base",), "openssl libxml p11-kit microhttpd soci assuan"),
    "signing": (("base",), "curl libxml p11-kit microhttpd soci assuan openssl/core.h openssl/core_dispatch.h"),
    "provider": (("base", "signing"), "curl libxml p11-kit microhttpd soci assuan"),
    "p11kit-module": (("base", "signing"), "openssl curl libxml microhttpd soci assuan"),
    "agent": (("base", "signing", "soap-client/soap_signer.h"), "curl libxml p11-kit microhttpd soci openssl"),
    "soap-client": (("base", "signing", "http"), "curl p11-kit microhttpd soci assuan openssl/core.h"),
    "soap-client/wire": (("base",), "curl openssl p11-kit microhttpd soci assuan"),
    "service": (("base", "soap-client/wire", "signing/certificate.h", "signing/digest.h", "signing/document.h"), "curl assuan openssl/core.h"),
    "documents": (("base", "signing", "http"), "curl libxml p11-kit microhttpd soci assuan openssl/core.h"),
    "cli": (("base", "signing", "documents"), "curl libxml p11-kit microhttpd soci assuan"),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')


def below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def room_of(path: str) -> str:
    """The innermost room with a row in the table."""
    return max((room for room in WALLS if below(path, room)), key=len, default="")


def trespass(room: str, header: str) -> bool:
    allowed, forbidden = WALLS[room]
    if header.split("/")[0] in ROOMS:
        return not any(below(header, place) for place in (room, *allowed))
    return any(below(header, library) for library in forbidden.split())


def main(root: pathlib.Path) -> int:
    found = 0
    seen = set()
    for file in sorted(file for room in ROOMS for file in (root / room).rglob("*.[ch]*")):
        path = file.relative_to(root).as_posix()
        room = room_of(path)
        if not room or file.suffix not in (".h", ".cc"):
            continue
        seen.add(room)
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if match and trespass(room, match[1]):
                print(f"{path}:{number}: {room} may not include {match[1]}")
                found += 1
    for room in WALLS.keys() - seen:
        print(f"{room}: no source was found, so nothing was checked")
        found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
