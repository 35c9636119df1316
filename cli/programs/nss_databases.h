// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace smartcmd {

/// A database of NSS (cert9.db, key4.db, pkcs11.txt), in which a program keeps certificates and the modules it loads.
struct NssDatabase {
  std::string program;              ///< whose it is, for people
  std::filesystem::path directory;  ///< without "sql:"
  bool isolated = false;            ///< whether its program runs in a container that does not see our module

  bool exists() const;
  /// Whether it lists a library of that file name, whatever its directory.
  bool lists(const std::string& library) const;
  /// The path of the library of the module with our name; empty when there is none.
  std::filesystem::path our_library() const;
  /// Whether its program runs: Mozilla's programs leave a mark in it.
  bool in_use() const;
};

/// The name under which our module is registered.
inline constexpr char nss_module_name[] = "SmartCMD";

/// The databases of the person's home: that of Chromium and others, and the profiles of Firefox and Thunderbird, which
/// LibreOffice uses too.
std::vector<NssDatabase> find_nss_databases();

/// The one in the directory, which somebody has named.
NssDatabase nss_database(const std::filesystem::path& directory);

}  // namespace smartcmd
