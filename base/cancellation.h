// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <atomic>
#include <functional>
#include <mutex>

namespace smartcmd {

/// Lets one thread give up what another waits for. Cancelling is final.
class Cancellation {
 public:
  /// Makes the waiting call end with Errc::cancelled, soon; a call that begins later ends at once.
  void cancel();
  bool cancelled() const { return cancelled_; }

  /// While it lives, `wake` is called (once, on the cancelling thread) when the cancellation comes; at once when it has
  /// come already. Without a cancellation it does nothing.
  class Scope {
   public:
    Scope(Cancellation* cancellation, std::function<void()> wake);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Cancellation* cancellation_;
    std::function<void()> outer_;
  };

 private:
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;
  std::function<void()> wake_;
};

}  // namespace smartcmd
