// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <string_view>

namespace smartcmd {

/// Makes a directory for its owner alone where there is none, and those above it. Throws Errc::configuration.
void make_private_directory(const std::filesystem::path& directory);

/// Writes a file for its owner alone (0600), as a whole or not at all, in a directory that is made for the owner alone
/// (0700) where it is missing. No other copy of the contents comes into being. Throws Errc::configuration.
void write_private_file(const std::filesystem::path& file, std::string_view contents);

/// Writes a file for its owner alone where there is none yet, nor a link. Throws Errc::invalid_argument when there is.
void write_new_file(const std::filesystem::path& file, std::string_view contents);

}  // namespace smartcmd
