// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace smartcmd {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t piece = 1U << 16;

/// Reads into a std::string or Bytes.
template <class Octets>
class Reader {
 public:
  Reader(const fs::path& file, Errc code, std::size_t most) : file_(file), code_(code), most_(most) {}

  Octets all() {
    const FileDescriptor input(open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!input) refuse();
    struct stat status = {};
    if (fstat(input.get(), &status) != 0) refuse();
    if (S_ISREG(status.st_mode) && static_cast<std::uintmax_t>(status.st_size) > most_) refuse_as_large();
    Octets octets;
    // One octet more than expected, so that the end is seen without another piece.
    std::size_t step = S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) + 1 : piece;
    for (std::size_t size = 0;;) {
      octets.resize(size + std::min(step, most_ + 1 - size));
      const ssize_t got = read(input.get(), octets.data() + size, octets.size() - size);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) refuse();
      size += static_cast<std::size_t>(got);
      if (size > most_) refuse_as_large();
      octets.resize(size);
      if (got == 0) return octets;
      step = piece;
    }
  }

 private:
  [[noreturn]] void refuse() const {
    throw Error(code_, filled(_("{file} cannot be read: {reason}."),
                              {{"file", file_.native()}, {"reason", g_strerror(errno)}}));
  }

  [[noreturn]] void refuse_as_large() const {
    throw Error(code_, filled(_("{file} is too large to be read."), {{"file", file_.native()}}));
  }

  const fs::path& file_;
  Errc code_;
  std::size_t most_;
};

}  // namespace

// ---- reading --------------------------------------------------------------------------------------------------------

std::string read_file(const fs::path& file, Errc code, std::size_t most) {
  return Reader<std::string>(file, code, most).all();
}

Bytes read_octets(const fs::path& file, Errc code, std::size_t most) {
  return Reader<Bytes>(file, code, most).all();
}

std::optional<std::string> read_file_if_any(const fs::path& file, Errc code, std::size_t most) {
  struct stat status = {};
  if (stat(file.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  return read_file(file, code, most);
}

// ---- writing --------------------------------------------------------------------------------------------------------

PendingFile::PendingFile(fs::path place, int mode, Errc code)
    : place_(std::move(place)),
      name_(place_.native() + ".XXXXXX"),
      code_(code),
      descriptor_(g_mkstemp_full(name_.data(), O_WRONLY | O_CLOEXEC, mode)) {
  if (!descriptor_) refuse(errno);
}

PendingFile::~PendingFile() {
  unlink(name_.c_str());
}

// The waiting file's own name is nobody's business.
void PendingFile::refuse(int error) const {
  throw Error(code_, filled(_("{file} cannot be written: {reason}."),
                            {{"file", place_.native()}, {"reason", g_strerror(error)}}));
}

void PendingFile::reserve(std::uintmax_t octets) const {
  if (const int error = posix_fallocate(descriptor_.get(), 0, static_cast<off_t>(octets)); error != 0) refuse(error);
}

void PendingFile::write(std::string_view octets) const {
  while (!octets.empty()) {
    const ssize_t written = ::write(descriptor_.get(), octets.data(), octets.size());
    if (written < 0 && errno != EINTR) refuse(errno);
    if (written > 0) octets.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PendingFile::sync() const {
  if (fsync(descriptor_.get()) != 0) refuse(errno);
}

void PendingFile::take_place() const {
  if (rename(name_.c_str(), place_.c_str()) != 0) refuse(errno);
}

bool PendingFile::take_free_place() const {
  if (renameat2(AT_FDCWD, name_.c_str(), AT_FDCWD, place_.c_str(), RENAME_NOREPLACE) == 0) return true;
  // A file system that cannot do that (NFS, some of FUSE's) can do this.
  if ((errno == EINVAL || errno == ENOSYS) && link(name_.c_str(), place_.c_str()) == 0) return true;
  if (errno == EEXIST) return false;
  refuse(errno);
}

// Where the directory cannot be read or synchronised nothing is lost but the promise for a power cut.
void PendingFile::sync_directory() const {
  const FileDescriptor directory(open((place_.parent_path() / ".").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory) fsync(directory.get());
}

void write_file(const fs::path& file, std::string_view contents, int mode, Errc code) {
  const PendingFile pending(file, mode, code);
  pending.write(contents);
  pending.take_place();
}

void write_durably(const fs::path& file, std::string_view contents, int mode, Errc code) {
  const PendingFile pending(file, mode, code);
  pending.write(contents);
  pending.sync();
  pending.take_place();
  pending.sync_directory();
}

void write_private(const fs::path& file, std::string_view contents) {
  make_directory(file.parent_path(), 0700);
  write_durably(file, contents, 0600);
}

void write_new(const fs::path& file, std::string_view contents) {
  const PendingFile pending(file, 0600);
  pending.write(contents);
  if (pending.take_free_place()) return;
  throw Error(Errc::invalid_argument,
              filled(_("{file} is there already. Remove it, or name another."), {{"file", file.native()}}));
}

void make_directory(const fs::path& directory, int mode, Errc code) {
  if (g_mkdir_with_parents(directory.c_str(), mode) == 0) return;
  throw Error(code, filled(_("The directory {directory} cannot be made ({reason}). Check its permissions."),
                           {{"directory", directory.native()}, {"reason", g_strerror(errno)}}));
}

}  // namespace smartcmd
