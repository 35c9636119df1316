// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sign/interruption.h"

#include <unistd.h>

namespace smartcmd {
namespace {

bool is_ignored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

// SIGALRM is what the thread is told its end with; nobody sets an alarm here.
Interruption::Interruption() {
  sigemptyset(&awaited_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    if (!is_ignored(signal)) sigaddset(&awaited_, signal);
  ::signal(SIGALRM, SIG_DFL);
  sigaddset(&awaited_, SIGALRM);
  pthread_sigmask(SIG_BLOCK, &awaited_, &before_);
  waiter_ = std::thread([this] {
    for (int signal = 0; !over_;) {
      if (sigwait(&awaited_, &signal) != 0 || over_) continue;
      if (signal_ == 0) signal_ = signal;
      cancellation_.cancel();
    }
  });
}

Interruption::~Interruption() {
  over_ = true;
  pthread_kill(waiter_.native_handle(), SIGALRM);
  waiter_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void end_by(int signal) {
  ::signal(signal, SIG_DFL);
  raise(signal);
  _exit(128 + signal);
}

}  // namespace smartcmd
