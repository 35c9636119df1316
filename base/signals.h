// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <signal.h>

#include <initializer_list>

#include "base/file_descriptor.h"

namespace smartcmd {

/// A set of signals.
sigset_t signal_set(std::initializer_list<int> signals);

/// What asks a program to end.
inline constexpr std::initializer_list<int> ending_signals = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

/// Whether a signal is ignored. Who starts a program so means it, also for all that it starts in its turn (nohup(1), a
/// job of a script).
bool is_ignored(int signal);

/// The same set without a SIGHUP that is ignored.
sigset_t unless_nohup(sigset_t signals);

/// Holds signals back from this thread for as long as it lives.
class SignalsHeld {
 public:
  explicit SignalsHeld(const sigset_t& signals);
  ~SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t former_;
};

/// A descriptor from which signals that are held back can be read (signalfd(2)); it does not wait. None where it cannot
/// be made; errno says why.
FileDescriptor signal_descriptor(const sigset_t& signals);

}  // namespace smartcmd
