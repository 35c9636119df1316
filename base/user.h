// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>

namespace smartcmd {

/// Whether the environment was set by whom the process acts for. It was not in a set-user-ID program or one with
/// capabilities of its own (AT_SECURE, getauxval(3)).
bool trusts_environment();

/// The home directory of the user the process acts for: what the environment says where it is trusted, else the user
/// database. Empty when there is none.
std::filesystem::path home_directory();

/// Where that user's programs keep their data (XDG Base Directory Specification).
std::filesystem::path data_directory();

}  // namespace smartcmd
