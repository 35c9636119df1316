// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <sys/stat.h>

namespace smartcmd {

/// Tells one content of a file from the next without reading it.
class FileVersion {
 public:
  /// Of a file that is not there.
  FileVersion() = default;
  explicit FileVersion(const char* path) {
    struct stat file {};
    if (stat(path, &file) != 0) return;
    inode_ = file.st_ino;
    size_ = file.st_size;
    changed_ = file.st_mtim;
  }

  bool exists() const { return *this != FileVersion(); }
  bool operator==(const FileVersion& other) const {
    return inode_ == other.inode_ && size_ == other.size_ && changed_.tv_sec == other.changed_.tv_sec &&
           changed_.tv_nsec == other.changed_.tv_nsec;
  }

 private:
  ino_t inode_ = 0;
  off_t size_ = 0;
  timespec changed_{};
};

}  // namespace smartcmd
