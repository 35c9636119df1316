#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
"""What a core file tells: that of a host which has just signed holds neither PIN nor one-time password, and an agent leaves
none. Runs inside a sandbox."""

import fcntl
import glob
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

LIMIT = 60  # seconds
# Out of the environment, for what a host is given there is in its memory.
PIN = os.environ.pop("SMARTCMD_SANDBOX_PIN")
ANSWER = re.search(r"^askpass=(.*)$", open(os.environ["SMARTCMD_CONFIG"]).read(), re.M).group(1)


def wait_for(what, found):
    deadline = time.monotonic() + LIMIT
    while not (result := found()):
        if time.monotonic() > deadline:
            sys.exit(f"{what} did not come within {LIMIT} s")
        time.sleep(0.02)
    return result


def answer_for_the_person(directory, before_otp=""):
    """Has the sandbox's askpass program answer; the one-time password can then be read from the file returned."""
    askpass, otp = (os.path.join(directory, name) for name in ("askpass", "otp"))
    with open(askpass, "w") as script:
        script.write(f"#!/bin/sh\n[ $1 = otp ] || exec '{ANSWER}' $1\n{before_otp}\n'{ANSWER}' $1 | tee '{otp}'\n")
    os.chmod(askpass, 0o700)
    os.environ["SMARTCMD_ASKPASS"] = askpass
    return otp


def holds(memory, secret):
    return re.search(rb"(?<!\d)" + secret.encode() + rb"(?!\d)", memory) is not None


class Host:
    """openssl with the provider, signing into a pipe that is full: it stands still once it has the signature."""

    def __init__(self, directory, *options):
        self.directory = directory
        reader, writer = os.pipe()
        size = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        os.write(writer, bytes(size))
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        with open(os.path.join(directory, "doc"), "w") as document:
            document.write(directory)  # something new
        self.process = subprocess.Popen(
            ["openssl", "dgst", "-sha256", *options, "doc"], stdin=subprocess.PIPE, stdout=writer, cwd=directory,
            start_new_session=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, unlimited))
        self.reader = reader
        os.close(writer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.reader)
        self.process.kill()
        self.process.wait()

    def has_signed(self):
        assert self.process.poll() is None, "the host ended early"
        return "pipe_write" in open(f"/proc/{self.process.pid}/wchan").read()

    def cores(self):
        return glob.glob(os.path.join(self.directory, "*core*"))

    def core(self):
        wait_for("the signature", self.has_signed)
        self.process.send_signal(signal.SIGABRT)
        self.process.wait(LIMIT)
        cores = self.cores()
        assert len(cores) == 1, f"core files: {cores}"
        return open(cores[0], "rb").read()


def memory_of(pid):
    """All that can be read of a process; None when it lets nobody."""
    parts = []
    try:
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as octets:
            for line in maps:
                begin, end = (int(edge, 16) for edge in line.split()[0].split("-"))
                try:
                    octets.seek(begin)
                    parts.append(octets.read(end - begin))
                except (OSError, ValueError, OverflowError):  # such as [vsyscall]
                    pass
    except PermissionError:
        return None
    return b"".join(parts)


def hosts_forget(directory):
    otp_file = answer_for_the_person(directory)
    pin_file = os.path.join(directory, "pin")
    with open(pin_file, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(PIN + "\n")
    for uri in ("cmd:", f"cmd:?pin-source=file:{pin_file}"):
        with tempfile.TemporaryDirectory() as place, Host(place, "-sign", uri) as host:
            core = host.core()
            assert uri.encode() in core, "this is no core file of the host"
            for name, secret in (("PIN", PIN), ("one-time password", open(otp_file).read().strip())):
                assert len(secret) == 6 and not holds(core, secret), f"the {name} is in the core file of the host for {uri}"


def a_secret_would_be_found(_):
    with tempfile.TemporaryDirectory() as place, Host(place, "-sign", "cmd:", "-passin", "pass:" + PIN) as host:
        assert holds(host.core(), PIN), "a PIN in the command line is not found, so nothing is shown"


def agents_leave_no_core(directory):
    """Ended while it asks for the one-time password, when it has sent the PIN."""
    ready, go = (os.path.join(directory, name) for name in ("ready", "go"))
    os.mkfifo(ready)
    os.mkfifo(go)
    answer_for_the_person(directory, f"echo $PPID >'{ready}'; read -r line <'{go}'")
    with tempfile.TemporaryDirectory() as place, Host(place, "-sign", "cmd:") as host:
        agent = int(open(ready).read())
        assert resource.prlimit(agent, resource.RLIMIT_CORE) == (0, 0)
        memory = memory_of(agent)
        if memory is None:
            print("   the agent's memory cannot be read, as it should be")
        else:
            assert os.environ["SMARTCMD_CONFIG"].encode() in memory, "this is not the memory of the agent"
            assert not holds(memory, PIN), "the agent still has the PIN after it was sent"
        os.kill(agent, signal.SIGABRT)
        open(go, "w").write("\n")
        assert host.process.wait(LIMIT) != 0
        assert not host.cores(), "the agent has left a core file"


def main():
    pattern = open("/proc/sys/kernel/core_pattern").read().strip()
    if pattern.startswith(("|", "/")) or "core" not in pattern:
        print(f"Core files go elsewhere here: /proc/sys/kernel/core_pattern is '{pattern}', not 'core'")
        sys.exit(77)
    for case in (a_secret_would_be_found, hosts_forget, agents_leave_no_core):
        with tempfile.TemporaryDirectory() as directory:
            case(directory)
        print("ok:", case.__name__, flush=True)


main()
