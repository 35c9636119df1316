// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/secure_string.h"

namespace smartcmd::service {

/// An open file; the standard input stays open.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

/// The content of a file. Throws Errc::configuration with the file's name and the reason.
std::string read_file(const std::filesystem::path& file);

/// The first line of a file, or of the standard input for "-". Throws Errc::configuration when it cannot be read.
SecureString read_secret(const std::filesystem::path& file);

/// All of a small file that holds a secret.
SecureString read_secret_file(const std::filesystem::path& file);

/// Throws Errc::configuration, with the cure, when everybody may read or change the file or directory.
void require_private(const std::filesystem::path& file);

/// Writes a file of mode 0600 that others see whole or not at all. Throws Errc::configuration.
void write_file(const std::filesystem::path& file, std::string_view content);

}  // namespace smartcmd::service
