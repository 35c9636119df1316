// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>

#include "base/secure_string.h"

namespace smartcmd::service {

/// The first line of a file, or of the standard input for "-", of which no more is read. A terminal is told that a PIN
/// is wanted. Throws Errc::configuration when it cannot be read.
SecureString read_secret(const std::filesystem::path& file);

/// All of a small file that holds a secret. Throws as read_secret() does.
SecureString read_whole_secret(const std::filesystem::path& file);

/// Throws Errc::configuration, with the cure, when everybody may read or change the file or directory.
void require_private(const std::filesystem::path& file);

}  // namespace smartcmd::service
