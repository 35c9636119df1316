#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""What other people's programs load exports its entry points and links what it says, nothing else. And nothing that is
installed can be rewritten, once the linker is done with it, or run code that is data."""

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


def hardening(path: str):
    name = path.rsplit("/", 1)[-1]
    dynamic, segments = output("readelf", "-dW", path), output("readelf", "-lW", path)
    flags = " ".join(line for line in dynamic.splitlines() if "FLAGS" in line)
    if "BIND_NOW" not in flags:
        yield f"{name} binds its symbols late (-z now)"
    if "GNU_RELRO" not in segments:
        yield f"{name} has a writable table of relocations (-z relro)"
    stack = [line for line in segments.splitlines() if "GNU_STACK" in line]
    if not stack or "E" in stack[0].split()[-2]:
        yield f"{name} has an executable stack (-z noexecstack)"
    if "Type:                              DYN" not in output("readelf", "-hW", path):
        yield f"{name} is not position independent"


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
    libraries = [path for path in sys.argv[1:] if path.endswith(".so")]
    found = [complaint for path in libraries for complaint in complaints(path)]
    found += [complaint for path in sys.argv[1:] for complaint in hardening(path)]
    print("\n".join(found))
    sys.exit(1 if found or len(libraries) != len(LIBRARIES) or len(sys.argv) - 1 == len(libraries) else 0)
