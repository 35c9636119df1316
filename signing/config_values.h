// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "signing/config.h"
#include "signing/config_entry.h"

namespace smartcmd {

// What the values of the configuration mean. Each throws Errc::configuration, with what was expected, for a value that
// means nothing.

std::chrono::seconds to_seconds(const ConfigEntry& entry);  ///< 1 to 3600
std::filesystem::path to_path(const ConfigEntry& entry);    ///< a relative one starts at the configuration file
std::filesystem::path to_file(const ConfigEntry& entry);    ///< the same of a file that others may not change
std::vector<std::filesystem::path> to_files(const ConfigEntry& entry);  ///< such files, parted by ';', at least one
std::filesystem::path to_program(const ConfigEntry& entry);             ///< such a file; empty for `no_program`
std::string to_text(const ConfigEntry& entry);                          ///< not empty
std::string to_endpoint(const ConfigEntry& entry);
std::string to_application_id(const ConfigEntry& entry);
HashSet to_hashes(const ConfigEntry& entry);  ///< not empty
std::string to_user_id(const ConfigEntry& entry);
Login to_login(const ConfigEntry& entry);
bool to_yes(const ConfigEntry& entry);

/// What stands for a program that is not to be used.
inline constexpr std::string_view no_program = "none";

/// Whether an account may have that name: it becomes a group of the configuration, a file name, a URI and an argument.
bool is_account_name(const std::string& text);

}  // namespace smartcmd
