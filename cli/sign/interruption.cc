// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sign/interruption.h"

#include <unistd.h>

namespace smartcmd {
// SIGALRM is what the thread is told its end with; nobody sets an alarm here.
Interruption::Interruption() : awaited_(signal_set({SIGALRM})) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    if (!is_ignored(signal)) sigaddset(&awaited_, signal);
  ::signal(SIGALRM, SIG_DFL);
  held_.emplace(awaited_);
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
}

void end_by(int signal) {
  ::signal(signal, SIG_DFL);
  raise(signal);
  _exit(128 + signal);
}

}  // namespace smartcmd
