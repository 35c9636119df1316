#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""The manual says what there is and nothing else: every command, option, key of a configuration and variable. Inside a sandbox;
the arguments are the source, smartcmd, smartcmdd and the pages that were built."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

faults = []
compared = set()


def compare(what, found, expected):
    compared.update((what, item) for item in expected)
    faults.extend(f"{what}: {item} is missing" for item in sorted(expected - found))
    faults.extend(f"{what}: {item} is not there" for item in sorted(found - expected))


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def sections(text, mark):
    """What stands below each heading."""
    parts = re.split(rf"^{mark} (.*)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


# ---- commands and their options ---------------------------------------------------------------------------------------


def options_of_help(text):
    """Each option: its short name, its long one, and what it takes."""
    rows = re.findall(r"^  (?:(-\w), )? *(--[\w-]+)(?:=(\S+))?(?: |$)", text, flags=re.M)
    return {row for row in rows if row[1] != "--help"}


def options_of_manual(text):
    return set(re.findall(r"^(?:\*(-\w)\*, )?\*(--[\w-]+)\*(?: _(.*)_)?$", text, flags=re.M))


def check_commands(page, program, commands):
    """Compares with the commands' helps; those, and what the page says of each command."""
    described = sections(sections(page, "#")["COMMANDS"], "##")
    helps = {command: output(program, *command.split(), "--help") for command in commands}
    usages = {command: re.search(r"^Usage:\n  (.*)$", text, flags=re.M)[1] for command, text in helps.items()}
    compare(f"{os.path.basename(program)}'s commands", set(described), set(usages.values()))
    texts = {command: described.get(usage, "") for command, usage in usages.items()}
    for command in commands:
        compare(usages[command], options_of_manual(texts[command]), options_of_help(helps[command]))
    return helps, texts


def names(options):
    return {name for _, name, _ in options}


def offered(smartcmd, *words):
    rows = [row.split("\t") for row in output(smartcmd, "--complete", *words).splitlines()]
    return {row[1] for row in rows if row[0] == "word"}


def check_smartcmd(root, page, smartcmd):
    commands = set(re.findall(r"^  ([a-z][\w-]*)  ", output(smartcmd, "--help"), flags=re.M))
    helps, texts = check_commands(page, smartcmd, commands)
    options = names(options_of_manual(sections(page, "#")["OPTIONS"]))
    compare("completion of smartcmd", offered(smartcmd, "-"), commands | options)
    for command in commands:
        compare(f"completion of {command}", offered(smartcmd, command, "-"), names(options_of_help(helps[command])) | {"--help"})
        options |= names(options_of_help(helps[command]))
    for option in ("--commitment", "--md"):
        values = re.search(rf"^\*{option}\*.*\n((?:\t.*\n)+)", texts["sign"], flags=re.M)[1]
        compare(f"values of {option}", set(re.findall(r"\*(\w+)\*", values)), offered(smartcmd, "sign", option, ""))
    for file in (root / "cli/completion").glob("*smartcmd*"):
        words = set(re.findall(r"[\w-]+", re.sub(r"(?m)^#.*", "", file.read_text())))
        compare(f"commands and options in {file.name}, which only asks", words & (commands | options), set())


def check_smartcmdd(page, smartcmdd):
    check_commands(page, smartcmdd, re.findall(r"^  smartcmdd (.*?) DIR", output(smartcmdd, "--help"), flags=re.M))


# ---- configuration ------------------------------------------------------------------------------------------------------


def keys_of_manual(text):
    """Each key, what the manual says of it, and its default."""
    items = re.findall(r"^\*([\w-]+)\*=_.*_\n((?:\t.*\n)+)", text, flags=re.M)
    return {key: (words, (re.search(r"Default: \*(.*?)\*\.\n", words) or [None, None])[1]) for key, words in items}


def check_configuration(root, page):
    source = (root / "signing/config.cc").read_text()
    example = sections(re.sub(r"^\[(\w+).*\]$", r"== \1", (root / "conf/smartcmd.conf").read_text(), flags=re.M), "==")
    described = sections(page, "#")
    for heading, table, group in (("[smartcmd]", "general", "smartcmd"), ("[service NAME]", "service", "service"),
                                  ("[account NAME]", "account", "account")):
        rows = re.search(rf"{table}_keys\[\] = {{\n(.*?)\n}};", source, flags=re.S)[1]
        rules = dict(re.findall(r'^    {"([\w-]+)", (true|false),', rows, flags=re.M))
        keys = keys_of_manual(described[heading])
        shown = dict(re.findall(r"^#?([\w-]+)=(.*)$", example[group], flags=re.M))
        compare(f"{heading} in smartcmd.conf(5)", set(keys), set(rules))
        compare(f"{heading} in conf/smartcmd.conf", set(shown), set(rules))
        compare(f"what {heading} requires", {key for key, (words, _) in keys.items() if "Required." in words},
                {key for key, required in rules.items() if required == "true"})
        for key, (_, default) in keys.items():
            if default and default != shown.get(key):
                faults.append(f"{heading} {key}: by default {default}, and {shown.get(key)} in conf/smartcmd.conf")


def check_service_configuration(root, page):
    """The settings of a service that was just made have every key that is not empty, with its default."""
    table = re.search(r"key_table\[\] = {\n(.*?)\n};", (root / "service/settings.cc").read_text(), flags=re.S)[1]
    keys = keys_of_manual(sections(page, "#")["CONFIGURATION"])
    compare("keys in smartcmdd(8)", set(keys), set(re.findall(r'^    {"([\w-]+)",', table, flags=re.M)))
    written = pathlib.Path(os.environ["SMARTCMD_SANDBOX_OUTBOX"]).parent / "smartcmdd.conf"
    values = dict(re.findall(r"^([\w-]+)=(.*)$", written.read_text(), flags=re.M))
    for key, (words, default) in keys.items():
        if default and default != values.get(key):
            faults.append(f"smartcmdd.conf {key}: by default {values.get(key)}, and {default} in smartcmdd(8)")


# ---- the rest -----------------------------------------------------------------------------------------------------------


def check_variables(root, pages):
    rooms = ("agent", "base", "cli", "documents", "p11kit-module", "provider", "signing", "soap-client")
    sources = "".join(file.read_text() for room in rooms for file in (root / room).rglob("*.cc"))
    described = {name for page in pages for row in re.findall(r"^\*.*$", page, flags=re.M)
                 for name in re.findall(r"\*(SMARTCMD_\w+)\*", row)}
    compare("variables", described, set(re.findall(r'"(SMARTCMD_[A-Z0-9_]+)"', sources)))


def check_format(built):
    """What programs that read manual pages complain of, but for the paragraphs without anything in them that scdoc makes."""
    for file in built:
        text = pathlib.Path(file).read_text()
        if "@" in re.sub(r"[\w.]+@[\w.]+", "", text):
            faults.append(f"{file}: a path was not filled in")
        if shutil.which("mandoc"):
            told = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", file], capture_output=True, text=True).stdout
            faults.extend(line for line in told.splitlines() if "skipping paragraph macro: PP" not in line)
        if shutil.which("groff"):
            told = subprocess.run(["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z", file], capture_output=True, text=True).stderr
            faults.extend(told.splitlines())


def main(root, smartcmd, smartcmdd, built):
    os.environ["LC_ALL"] = "C.UTF-8"
    pages = {file.name.removesuffix(".scd"): file.read_text() for file in (root / "docs/man").glob("*.scd")}
    check_smartcmd(root, pages["smartcmd.1"], smartcmd)
    check_smartcmdd(pages["smartcmdd.8"], smartcmdd)
    check_configuration(root, pages["smartcmd.conf.5"])
    check_service_configuration(root, pages["smartcmdd.8"])
    check_variables(root, pages.values())
    check_format(built)
    if len(compared) < 200:
        faults.append(f"only {len(compared)} names were found to compare")
    print("\n".join(faults) or f"{len(compared)} names")
    return 1 if faults else 0


sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]))
