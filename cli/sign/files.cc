// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/sign/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

#include <array>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/files.h"
#include "base/text.h"
#include "signing/hasher.h"

namespace smartcmd {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void unreadable() {
  throw Error(Errc::invalid_argument, filled(_("The file cannot be read: {reason}."), {{"reason", g_strerror(errno)}}));
}

}  // namespace

Digest hash_file(const fs::path& file, Hash hash, const Cancellation* cancellation) {
  const FileDescriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) unreadable();
  Hasher hasher(hash);
  std::array<unsigned char, 1U << 16> piece;
  for (ssize_t count = 0; (count = read(descriptor.get(), piece.data(), piece.size())) != 0;) {
    if (count < 0 && errno != EINTR) unreadable();
    if (cancellation != nullptr && cancellation->cancelled()) throw Error(Errc::cancelled, _("Interrupted."));
    if (count > 0) hasher.update({piece.data(), static_cast<std::size_t>(count)});
  }
  return hasher.digest();
}

bool write_new_durably(const fs::path& file, ByteView octets, int mode) {
  const PendingFile pending(file, mode, Errc::invalid_argument);
  pending.write(text_of(octets));
  pending.sync();
  if (!pending.take_free_place()) return false;
  pending.sync_directory();
  return true;
}

void require_room(const fs::path& file, std::uintmax_t octets) {
  PendingFile(file, 0600, Errc::invalid_argument).reserve(octets);
}

}  // namespace smartcmd
