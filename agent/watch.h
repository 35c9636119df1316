// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <poll.h>

#include <chrono>

#include "base/file_descriptor.h"
#include "base/signals.h"

namespace smartcmd {

/// Whether the host is still there: it sends nothing after its request, so whatever happens on its socket is its end.
bool is_host_gone(int host);
/// Throws Errc::cancelled when it is not.
void require_host(int host);

/// Waits while a person is asked, for the answer and for all that ends the question without one. As long as it lives,
/// the signals that would end or stop the agent are blocked, so that it can first put things in order.
class Watch {
 public:
  enum class Event {
    ready,  ///< the descriptor
    child,  ///< a child may have ended
  };

  Watch(int host, std::chrono::seconds timeout);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Waits for `events` on `descriptor` (-1 for none) or the end of a child. Throws Errc::cancelled when the host hangs
  /// up or a signal ends the agent, Errc::prompt_failed when the time is over.
  Event wait(int descriptor, short events = POLLIN);

 private:
  bool poll_until_deadline(pollfd* descriptors, nfds_t count) const;

  int host_;
  std::chrono::steady_clock::time_point deadline_;
  SignalsHeld held_;
  FileDescriptor signals_;
};

}  // namespace smartcmd
