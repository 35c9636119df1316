// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>

#include "base/file_descriptor.h"

namespace smartcmd {

/// A lock on a file or directory (flock(2)), for as long as it lives: also beyond a fork, and never beyond the process.
class FileLock {
 public:
  enum class Of {
    existing,  ///< a file or directory that is there
    own_file,  ///< a file that is made (0600) where it is missing, stays, and is no link
  };
  enum class State {
    held,
    others,      ///< another holds it
    impossible,  ///< it cannot be opened or locked; errno says why
  };

  FileLock(const std::filesystem::path& file, Of of);

  /// Waits for its turn; held or impossible.
  State take();
  /// Takes it when nobody else has it.
  State try_take();

 private:
  State take(int operation);

  FileDescriptor descriptor_;
  int failure_;  ///< of opening it
};

}  // namespace smartcmd
