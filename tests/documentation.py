#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""What the code knows and the documents repeat: every error has its row, every table of the module
its words, and every link leads somewhere."""

import pathlib
import re
import sys


def missing_rows(root: pathlib.Path):
    reasons = re.findall(r'return "(.*)";', (root / "provider/reasons.cc").read_text())
    rows = (root / "docs/openssl.md").read_text()
    for reason in reasons:
        if reason != "unknown error" and f"| {reason} |" not in rows:
            yield f"docs/openssl.md: no row for the error '{reason}'"
    if len(reasons) < 30:
        yield "provider/reasons.cc: the reasons were not found"


def untold_of_pkcs11(root: pathlib.Path):
    """docs/pkcs11.md repeats the module's tables: functions, mechanisms, attributes, and what each error becomes."""
    module = root / "p11kit-module"
    told = (root / "docs/pkcs11.md").read_text()
    words = set(re.findall(r"list\.\w+ = (C_\w+);", (module / "function_list.cc").read_text()))
    for table in ("mechanisms.cc", "attributes.cc"):
        words |= set(re.findall(r"^ +\{(CK[AM]_\w+),", (module / table).read_text(), re.MULTILINE))
    if len(words) < 80:
        yield "p11kit-module: the tables were not found"
    for word in sorted(words):
        if f"`{word}`" not in told:
            yield f"docs/pkcs11.md: nothing of {word}"
    reasons = dict(re.findall(r'case Errc::(\w+):\s*return "(.*)";', (root / "provider/reasons.cc").read_text()))
    value = None
    for line in reversed((module / "errors.cc").read_text().splitlines()):
        value = (re.findall(r"return (CKR_\w+);", line) or [value])[0]
        for code in re.findall(r"case Errc::(\w+):", line):
            if f"| {reasons[code]} | `{value}` |" not in told:
                yield f"docs/pkcs11.md: no row for the error '{reasons[code]}', which is {value}"


def broken_links(root: pathlib.Path):
    for document in [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("benchmarks/*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            if not (document.parent / link).exists():
                yield f"{document.relative_to(root)}: there is no {link}"


def missing_tests(root: pathlib.Path):
    """Every test that docs/compliance.md names as its proof is there."""
    cases = "\n".join(file.read_text() for file in root.glob("tests/**/*") if file.suffix in (".cc", ".py", ".build"))
    rows = [line for line in (root / "docs/compliance.md").read_text().splitlines() if re.match(r"\| \d+ \|", line)]
    if len(rows) != 24:
        yield "docs/compliance.md: not every guideline has its row"
    for row in rows:
        for name in re.findall(r"`([\w-]+)`", row.split("|")[-2]):
            if not re.search(rf"\b{name}\b", cases):
                yield f"docs/compliance.md: there is no test {name}"


if __name__ == "__main__":
    here = pathlib.Path(sys.argv[1])
    found = [*missing_rows(here), *untold_of_pkcs11(here), *missing_tests(here), *broken_links(here)]
    print("\n".join(found))
    sys.exit(1 if found else 0)
