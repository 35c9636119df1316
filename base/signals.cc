// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/signals.h"

#include <sys/signalfd.h>

namespace smartcmd {

sigset_t signal_set(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

bool is_ignored(int signal) {
  struct sigaction action = {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t unless_nohup(sigset_t signals) {
  if (is_ignored(SIGHUP)) sigdelset(&signals, SIGHUP);
  return signals;
}

SignalsHeld::SignalsHeld(const sigset_t& signals) {
  pthread_sigmask(SIG_BLOCK, &signals, &former_);
}

SignalsHeld::~SignalsHeld() {
  pthread_sigmask(SIG_SETMASK, &former_, nullptr);
}

FileDescriptor signal_descriptor(const sigset_t& signals) {
  return FileDescriptor(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

}  // namespace smartcmd
