#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""What the code knows and the documents repeat: every error has its row, and every link leads somewhere."""

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


def broken_links(root: pathlib.Path):
    for document in [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("benchmarks/*.md")]:
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
    found = [*missing_rows(here), *missing_tests(here), *broken_links(here)]
    print("\n".join(found))
    sys.exit(1 if found else 0)
