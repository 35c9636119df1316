// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace smartcmd {

/// One value of the configuration and where it stands: what a sentence about a mistake needs.
struct ConfigEntry {
  std::filesystem::path file;  ///< empty for a value that stands nowhere yet
  std::string group;
  std::string key;
  std::string value;

  /// Throws as refuse_at() does; `sentence` has {value}.
  [[noreturn]] void refuse(const char* sentence) const;
};

/// A group with its entries.
struct ConfigGroup {
  std::string title;
  std::filesystem::path file;  ///< of its first appearance
  std::vector<ConfigEntry> entries;
};

/// Throws Errc::configuration that says where: the file, the line, the group and, unless it is empty, the key. Without
/// a file it says `what` alone.
[[noreturn]] void refuse_at(const std::filesystem::path& file, const std::string& group, const std::string& key,
                            const std::string& what);

/// Adds what a GLib key file has to the groups of those before it; each key takes the place of an earlier one. Throws
/// Errc::configuration for a file that cannot be read.
void add_groups(std::vector<ConfigGroup>& groups, const std::filesystem::path& file);

}  // namespace smartcmd
