#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""translations.py ROOT XGETTEXT-ARGUMENT…: every text for people can be translated, and every language has it."""

import pathlib
import re
import subprocess
import sys

# The service is its operator's: it speaks English alone.
ROOMS = ("agent", "base", "cli", "documents", "http", "p11kit-module", "provider", "signing", "soap-client")
TEXT = re.compile(r"\b(_|N_|plural)\(\s*\"")
# A sentence that is handed out as it is: an Error's, or one printed.
BARE = re.compile(r"""(Error\(\s*Errc::\w+,\s*(std::string\(\s*)?|g_print(err)?\(\s*)"[^"%]*[a-z]{2,} [a-z]""")
ENTRY = re.compile(r'^(msgid|msgid_plural|msgstr(?:\[\d\])?) (.*)$')
NAME = re.compile(r"\{[a-z_]+\}")


def sources(root):
    for room in ROOMS:
        yield from sorted(file for file in (root / room).rglob("*.*") if file.suffix in (".cc", ".h"))


def entries(text):
    """The entries of a .po file: what each keyword of it has."""
    entry, last = {}, ""
    for line in (*text.splitlines(), ""):
        if match := ENTRY.match(line):
            last = match[1]
            entry[last] = match[2][1:-1]
        elif line.startswith('"'):
            entry[last] += line[1:-1]
        elif line.startswith("#,") and "fuzzy" in line:
            entry["fuzzy"] = True
        elif not line:
            if entry.get("msgid"):
                yield entry
            entry = {}


def check_sources(root):
    """What stands in no other language than the source's."""
    listed = (root / "po/POTFILES").read_text().split()
    for file in sources(root):
        path, text = file.relative_to(root).as_posix(), file.read_text()
        if path != "base/text.h" and TEXT.search(text) and path not in listed:
            yield f"{path} has texts and is not in po/POTFILES"
        for match in BARE.finditer(text):
            yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}: a sentence nobody can translate: {match[0]}"
    for path in listed:
        if not (root / path).exists():
            yield f"po/POTFILES: there is no {path}"


def check_language(name, texts, translations):
    by_text = {entry["msgid"]: entry for entry in translations}
    for text in texts:
        entry = by_text.pop(text["msgid"], {})
        translated = [value for key, value in entry.items() if key.startswith("msgstr")]
        if not translated or not all(translated) or entry.get("fuzzy"):
            yield f"{name} lacks: {text['msgid']}"
        known = set(NAME.findall(text["msgid"] + text.get("msgid_plural", "")))
        for value in translated:
            if not set(NAME.findall(value)) <= known or (len(translated) == 1 and set(NAME.findall(value)) != known):
                yield f"{name} has other values in: {value}"
    for text in by_text:
        yield f"{name} has a text no more in use: {text}"


def main(root, arguments):
    pot = subprocess.run(["xgettext", *arguments, f"--directory={root}", f"--files-from={root}/po/POTFILES", "--output=-"],
                         check=True, capture_output=True, text=True).stdout
    texts = list(entries(pot))
    faults = list(check_sources(root))
    if not texts:
        faults.append("no text was found, so nothing was checked")
    for language in (root / "po/LINGUAS").read_text().split():
        file = root / f"po/{language}.po"
        subprocess.run(["msgfmt", "--check-format", "--output-file=/dev/null", file], check=True)
        faults += check_language(language, texts, entries(file.read_text()))
    print("\n".join(faults) or f"{len(texts)} texts")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2:]))
