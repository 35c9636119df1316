// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <glib.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "signing/c_ptr.h"

namespace smartcmd {

/// The person's configuration file (Config::persons_file()), to be changed: its comments and everything else in it
/// stay.
class ConfigFile {
 public:
  /// It need not exist. Throws Errc::configuration when it cannot be read.
  ConfigFile();

  const std::filesystem::path& path() const { return path_; }
  bool has(const std::string& group) const;
  std::string value(const std::string& group, const std::string& key) const;  ///< empty when there is none
  void set(const std::string& group, const std::string& key, const std::string& value);
  void remove(const std::string& group);
  void remove(const std::string& group, const std::string& key);

  /// Writes it, for its owner alone, as a whole or not at all; then does `use`. When that throws, the file is again
  /// what it was. Throws Errc::configuration.
  void save(const std::function<void()>& use);

 private:
  void restore() const;

  std::filesystem::path path_;
  std::optional<std::string> before_;  ///< nothing when there was no file
  CPtr<GKeyFile, g_key_file_unref> keys_;
};

}  // namespace smartcmd
