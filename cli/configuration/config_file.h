// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <glib.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/c_ptr.h"
#include "base/file_descriptor.h"
#include "signing/config.h"

namespace smartcmd {

/// The person's configuration file (Config::persons_file()), to be changed: its comments and everything else in it
/// stay.
class ConfigFile {
 public:
  /// It need not exist. Throws Errc::configuration when it cannot be read.
  ConfigFile();

  /// Has `edit` change the file as it is now and writes it, for its owner alone, as a whole or not at all, while no
  /// other process changes it so; then does `use`. When that throws, or the configuration cannot be loaded, the file is
  /// again what it was. Both are to be quick: nobody is asked here. Answers the file. Throws Errc::configuration.
  static std::filesystem::path change(
      const std::function<void(ConfigFile&)>& edit, const std::function<void()>& use = [] {});

  const std::filesystem::path& path() const { return path_; }
  bool has(const std::string& group) const;
  std::string value(const std::string& group, const std::string& key) const;  ///< empty when there is none
  void set(const std::string& group, const std::string& key, const std::string& value);
  void remove(const std::string& group);
  void remove(const std::string& group, const std::string& key);

 private:
  void save() const;
  void restore() const;

  std::filesystem::path path_;
  std::optional<std::string> before_;  ///< nothing when there was no file
  CPtr<GKeyFile, g_key_file_unref> keys_;
};

/// What Config::load() reads, to be tried with changes that stand in no file of the person's yet. Agents can read it
/// while this lives, and nothing is left of it afterwards, however the process ends.
class TrialConfig {
 public:
  TrialConfig();
  void set(const std::string& group, const std::string& key, const std::string& value);
  /// Throws Errc::configuration.
  Config load() const;

 private:
  void add(const std::filesystem::path& file);

  CPtr<GKeyFile, g_key_file_unref> keys_;
  FileDescriptor memory_;
};

}  // namespace smartcmd
