// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "tests/fuzz/fuzz.h"

namespace smartcmd::fuzz {

/// A file in memory, for what reads files by name.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content) : file_(memfd_create("fuzz", MFD_CLOEXEC)) {
    require(write(file_.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()),
            "a file in memory is written");
  }
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(file_.get()); }

 private:
  FileDescriptor file_;
};

}  // namespace smartcmd::fuzz
