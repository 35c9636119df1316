// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace smartcmd {

/// A private directory that is gone when its owner is, in the process that made it: children leave it alone.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "smartcmd-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) abort();
    path_ = name;
  }
  ~TemporaryDirectory() {
    if (process_ == getpid()) std::filesystem::remove_all(path_);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Writes a file of that name and mode and returns its path.
  std::filesystem::path write(const std::string& name, std::string_view text, mode_t mode = 0600) const {
    const std::filesystem::path file = path_ / name;
    std::ofstream(file, std::ios::binary) << text;
    if (chmod(file.c_str(), mode) != 0) abort();
    return file;
  }

 private:
  const pid_t process_ = getpid();
  std::filesystem::path path_;
};

}  // namespace smartcmd
