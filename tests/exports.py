#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""What other people's programs load exports its entry points and links what it says, nothing else."""

import subprocess
import sys

# file: its entry points, and what it may link beside the C library
LIBRARIES = {
    "smartcmd.so": ({"OSSL_provider_init"}, {"libcrypto"}),
    "smartcmd-provider.so": (
        {"smartcmd_provider_implementation"},
        {"libcrypto", "libglib-2.0", "libstdc++", "libgcc_s"},
    ),
    "smartcmd-pkcs11.so": (
        {"C_GetFunctionList", "C_GetInterface", "C_GetInterfaceList"},
        {"libcrypto", "libglib-2.0", "libstdc++", "libgcc_s"},
    ),
}
C_LIBRARY = {"libc", "libm", "ld-linux-x86-64", "libpthread", "libdl"}


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def complaints(path: str):
    name = path.rsplit("/", 1)[-1]
    entry_points, linked = LIBRARIES[name]
    exported = {line.split()[-1] for line in output("nm", "--dynamic", "--defined-only", path).splitlines()}
    if exported != entry_points:
        yield f"{name} exports {sorted(exported)}"
    needed = [line.split("[")[1].split(".so")[0] for line in output("readelf", "-d", path).splitlines() if "(NEEDED)" in line]
    for library in set(needed) - linked - C_LIBRARY:
        yield f"{name} links {library}"
    if "NODELETE" not in output("readelf", "-d", path):
        yield f"{name} can be unloaded under a host's feet"


if __name__ == "__main__":
    found = [complaint for path in sys.argv[1:] for complaint in complaints(path)]
    print("\n".join(found))
    sys.exit(1 if found or len(sys.argv) - 1 != len(LIBRARIES) else 0)
