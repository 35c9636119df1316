// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/running_program.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include <chrono>

namespace smartcmd {

namespace {

using Clock = std::chrono::steady_clock;

// How long a program may take to end, told to or not.
constexpr std::chrono::seconds grace{2};

void wait_for_child(std::chrono::nanoseconds longest) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  const timespec time{static_cast<time_t>(longest.count() / 1'000'000'000), longest.count() % 1'000'000'000};
  sigtimedwait(&child, nullptr, &time);
}

}  // namespace

// It is reaped last, so that until then its numbers are nobody else's.
RunningProgram::~RunningProgram() {
  if (!has_ended()) send(SIGTERM);
  if (!ends_by_itself() || own_group_) send(SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void RunningProgram::send(int signal) const {
  kill(own_group_ ? -pid_ : pid_, signal);
}

bool RunningProgram::has_ended() {
  if (ended_) return true;
  siginfo_t info{};
  const int result = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  if (result != 0 || info.si_pid == 0) return false;
  ended_ = true;
  was_killed_ = info.si_code != CLD_EXITED;
  status_ = info.si_status;
  return true;
}

bool RunningProgram::ends_by_itself() {
  const auto deadline = Clock::now() + grace;
  while (!has_ended()) {
    const auto left = deadline - Clock::now();
    if (left.count() <= 0) return false;
    wait_for_child(left);
  }
  return true;
}

}  // namespace smartcmd
