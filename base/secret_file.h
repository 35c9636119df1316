// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>

#include "base/secure_string.h"

namespace smartcmd {

/// The first line of a file that holds a secret, without its line end. Throws Errc::configuration, naming the file and
/// the remedy, when it cannot be read, is empty, belongs to another user (base/file_trust.h), or is a regular file that
/// others than its owner may read, unless it is root's and the person is in the group that may; or a pipe into which
/// nobody writes a line within ten seconds.
SecureString read_secret_file(const std::filesystem::path& file);

}  // namespace smartcmd
