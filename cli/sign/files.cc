// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sign/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <unistd.h>

#include <array>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/text.h"
#include "signing/hasher.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void unreadable() {
  throw Error(Errc::invalid_argument, filled(_("The file cannot be read: {reason}."), {{"reason", g_strerror(errno)}}));
}

/// A file that waits beside its place until it is complete, and is removed where it never is. Its name is nobody's
/// business: g_file_set_contents_full() would show it in its errors.
class FileInWaiting {
 public:
  FileInWaiting(const fs::path& place, int mode)
      : place_(place),
        name_(place.native() + ".XXXXXX"),
        descriptor_(g_mkstemp_full(name_.data(), O_WRONLY | O_CLOEXEC, mode)) {
    if (!descriptor_) refuse(errno);
  }
  ~FileInWaiting() { unlink(name_.c_str()); }
  FileInWaiting(const FileInWaiting&) = delete;
  FileInWaiting& operator=(const FileInWaiting&) = delete;

  void reserve(std::uintmax_t octets) const {
    if (const int error = posix_fallocate(descriptor_.get(), 0, static_cast<off_t>(octets)); error != 0) refuse(error);
  }
  void write(ByteView octets) const {
    while (!octets.empty()) {
      const ssize_t written = ::write(descriptor_.get(), octets.data(), octets.size());
      if (written < 0 && errno != EINTR) refuse(errno);
      if (written > 0) octets = octets.subspan(static_cast<std::size_t>(written));
    }
  }
  void take_place() const {
    if (fsync(descriptor_.get()) != 0 || rename(name_.c_str(), place_.c_str()) != 0) refuse(errno);
    const FileDescriptor directory(open((place_.parent_path() / ".").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) fsync(directory.get());
  }

 private:
  [[noreturn]] void refuse(int error) const {
    throw Error(Errc::invalid_argument, filled(_("{file} cannot be written: {reason}."),
                                               {{"file", place_.native()}, {"reason", g_strerror(error)}}));
  }

  const fs::path& place_;
  std::string name_;
  FileDescriptor descriptor_;
};

}  // namespace

Digest hash_file(const fs::path& file, Hash hash) {
  const FileDescriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) unreadable();
  Hasher hasher(hash);
  std::array<unsigned char, 1U << 16> piece;
  for (ssize_t count = 0; (count = read(descriptor.get(), piece.data(), piece.size())) != 0;) {
    if (count < 0 && errno != EINTR) unreadable();
    if (count > 0) hasher.update({piece.data(), static_cast<std::size_t>(count)});
  }
  return hasher.digest();
}

void write_durably(const fs::path& file, ByteView octets, int mode) {
  FileInWaiting waiting(file, mode);
  waiting.write(octets);
  waiting.take_place();
}

void require_room(const fs::path& file, std::uintmax_t octets) {
  FileInWaiting(file, 0600).reserve(octets);
}

void make_directory(const fs::path& directory, int mode) {
  if (g_mkdir_with_parents(directory.c_str(), mode) == 0) return;
  throw Error(Errc::invalid_argument, filled(_("The directory {directory} cannot be made: {reason}."),
                                             {{"directory", directory.native()}, {"reason", g_strerror(errno)}}));
}

}  // namespace smartcmd
