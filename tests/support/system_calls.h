// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <vector>

namespace smartcmd {

/// The numbers of the system calls that `act` makes in a child process once it has made them twice before: memory is at
/// hand then, and random generators are seeded. Nothing where this process may not trace its children.
template <class Act>
std::optional<std::vector<long>> system_calls_of(Act act) {
  constexpr long marker = SYS_getppid;
  const pid_t child = fork();
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(1);
    raise(SIGSTOP);
    for (int time = 0; time < 2; ++time) act();
    syscall(marker);
    act();
    syscall(marker);
    _exit(0);
  }
  std::vector<long> calls;
  unsigned markers = 0;
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFSTOPPED(status)) return std::nullopt;
  ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  for (;;) {
    ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    waitpid(child, &status, 0);
    if (!WIFSTOPPED(status)) break;
    __ptrace_syscall_info info{};
    if (WSTOPSIG(status) != (SIGTRAP | 0x80) ||
        ptrace(PTRACE_GET_SYSCALL_INFO, child, reinterpret_cast<void*>(sizeof info), &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY) {
      continue;
    }
    const long number = static_cast<long>(info.entry.nr);
    if (number == marker) ++markers;
    if (markers == 1 && number != marker) calls.push_back(number);
  }
  if (markers != 2 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return calls;
}

}  // namespace smartcmd
