// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sign_files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

#include <array>

#include "signing/c_ptr.h"
#include "signing/error.h"
#include "signing/file_descriptor.h"
#include "signing/hasher.h"
#include "signing/text.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void unreadable() {
  throw Error(Errc::invalid_argument, filled(_("The file cannot be read: {reason}."), {{"reason", g_strerror(errno)}}));
}

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
  GError* error = nullptr;
  const auto flags = static_cast<GFileSetContentsFlags>(G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE);
  if (g_file_set_contents_full(file.c_str(), reinterpret_cast<const char*>(octets.data()),
                               static_cast<gssize>(octets.size()), flags, mode, &error) != 0)
    return;
  const CPtr<GError, g_error_free> failure(error);
  throw Error(Errc::invalid_argument, filled(_("{file} cannot be written: {reason}."),
                                             {{"file", file.native()}, {"reason", failure->message}}));
}

void make_directory(const fs::path& directory, int mode) {
  if (g_mkdir_with_parents(directory.c_str(), mode) == 0) return;
  throw Error(Errc::invalid_argument, filled(_("The directory {directory} cannot be made: {reason}."),
                                             {{"directory", directory.native()}, {"reason", g_strerror(errno)}}));
}

}  // namespace smartcmd
