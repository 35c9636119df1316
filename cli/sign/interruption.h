// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <atomic>
#include <optional>
#include <thread>

#include "base/cancellation.h"
#include "base/signals.h"

namespace smartcmd {

/// While it lives, SIGINT, SIGTERM and SIGHUP do not end the process but cancel: what is being asked is given up, and
/// what has been signed can still be written. A thread of its own waits for them. A SIGHUP that was ignored (nohup)
/// stays so.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  Cancellation& cancellation() { return cancellation_; }
  bool came() const { return cancellation_.cancelled(); }
  /// The first that came, or 0.
  int signal() const { return signal_; }

 private:
  sigset_t awaited_;
  std::optional<SignalsHeld> held_;
  Cancellation cancellation_;
  std::atomic<int> signal_{0};
  std::atomic<bool> over_{false};
  std::thread waiter_;
};

/// Ends the process as the signal would have done, so that a shell does not go on with the next command. Not while an
/// Interruption lives.
[[noreturn]] void end_by(int signal);

}  // namespace smartcmd
