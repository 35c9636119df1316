// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/errc.h"
#include "base/file_descriptor.h"

namespace smartcmd {

// Every failure here is an Error with `code` and a sentence that names the file and the system's reason.

/// At most this many octets are read from one file: what we read whole fits into an int, as OpenSSL wants it.
inline constexpr std::size_t largest_file = 0x7fffffff;

/// All that a file holds. Throws when it cannot be read or holds more than `most` octets.
std::string read_file(const std::filesystem::path& file, Errc code = Errc::configuration,
                      std::size_t most = largest_file);
/// The same as octets.
Bytes read_octets(const std::filesystem::path& file, Errc code = Errc::configuration, std::size_t most = largest_file);
/// The same, and nothing where there is no such file.
std::optional<std::string> read_file_if_any(const std::filesystem::path& file, Errc code = Errc::configuration,
                                            std::size_t most = largest_file);

/// A file that waits beside its place until it is complete, and is removed where it never is. `mode` is subject to the
/// umask.
class PendingFile {
 public:
  explicit PendingFile(std::filesystem::path place, int mode = 0600, Errc code = Errc::configuration);
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  /// Makes sure that there is room for so many octets.
  void reserve(std::uintmax_t octets) const;
  void write(std::string_view octets) const;
  /// Has what was written reach the disk. The move is durable only after sync_directory().
  void sync() const;
  /// Moves it to its place, over what may be there.
  void take_place() const;
  /// The same, but only where nothing is, not even a link; false, and nothing is changed, where something is.
  bool take_free_place() const;
  /// Has the move reach the disk.
  void sync_directory() const;

 private:
  [[noreturn]] void refuse(int error) const;

  std::filesystem::path place_;
  std::string name_;
  Errc code_;
  FileDescriptor descriptor_;
};

/// Writes a file that others see whole or not at all, over one that may be there. No other copy of the contents comes
/// into being.
void write_file(const std::filesystem::path& file, std::string_view contents, int mode = 0600,
                Errc code = Errc::configuration);
/// The same, and it has reached the disk when this returns.
void write_durably(const std::filesystem::path& file, std::string_view contents, int mode = 0600,
                   Errc code = Errc::configuration);
/// Writes durably a file for its owner alone (0600), in a directory that is made for the owner alone (0700) where it is
/// missing.
void write_private(const std::filesystem::path& file, std::string_view contents);
/// Writes a file for its owner alone where there is none yet, nor a link. Throws Errc::invalid_argument when there is.
void write_new(const std::filesystem::path& file, std::string_view contents);

/// Makes a directory and those above it that are missing. `mode` is subject to the umask.
void make_directory(const std::filesystem::path& directory, int mode = 0700, Errc code = Errc::configuration);

}  // namespace smartcmd
