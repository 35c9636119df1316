// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>

#include "base/secure_string.h"

namespace smartcmd {

/// The first line of a file that holds a secret, without its line end. Throws Errc::configuration, naming the file and
/// the remedy, when it cannot be read, is empty, or is a regular file that others than its owner may read; or a pipe
/// into which nobody writes a line within ten seconds.
SecureString read_secret_file(const std::filesystem::path& file);

}  // namespace smartcmd
