// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <gio/gio.h>

#include <filesystem>
#include <string>

#include "signing/c_ptr.h"

namespace smartcmd {

/// Stands in for the phones of a sandbox's people: shows on standard error each message that the service puts into its
/// outbox, as it comes.
class Phone {
 public:
  /// Throws Errc::internal when the directory cannot be watched.
  explicit Phone(const std::filesystem::path& outbox);

 private:
  CPtr<GFileMonitor, g_object_unref> monitor_;
};

}  // namespace smartcmd
