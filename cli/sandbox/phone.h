// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <glib.h>

#include <filesystem>

namespace smartcmd {

/// Stands in for the phones of a sandbox's people: shows on standard error each message that the service puts into its
/// outbox, at once, so that it stands above the question for its one-time password.
class Phone {
 public:
  /// Throws Errc::internal when the directory cannot be watched.
  explicit Phone(std::filesystem::path outbox);
  ~Phone();
  Phone(const Phone&) = delete;
  Phone& operator=(const Phone&) = delete;

 private:
  static gboolean on_message(int fd, GIOCondition condition, gpointer self);

  const std::filesystem::path outbox_;
  int inotify_;
  guint source_ = 0;
};

}  // namespace smartcmd
