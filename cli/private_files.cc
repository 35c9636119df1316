// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/private_files.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/text.h"

namespace smartcmd {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const char* reason) {
  throw Error(Errc::configuration,
              filled(_("{file} could not be written: {reason}."), {{"file", file.native()}, {"reason", reason}}));
}

}  // namespace

void make_private_directory(const std::filesystem::path& directory) {
  if (g_mkdir_with_parents(directory.c_str(), 0700) != 0) {
    throw Error(Errc::configuration,
                filled(_("The directory {directory} cannot be made ({reason}). Check its permissions."),
                       {{"directory", directory.native()}, {"reason", g_strerror(errno)}}));
  }
}

void write_private_file(const std::filesystem::path& file, std::string_view contents) {
  make_private_directory(file.parent_path());
  // GLib from 2.84 on gives the new file the mode of the old one.
  if (chmod(file.c_str(), 0600) != 0 && errno != ENOENT) refuse(file, g_strerror(errno));
  GError* error = nullptr;
  if (g_file_set_contents_full(file.c_str(), contents.data(), static_cast<gssize>(contents.size()),
                               G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error) != 0)
    return;
  const CPtr<GError, g_error_free> owned(error);
  refuse(file, error->message);
}

void write_new_file(const std::filesystem::path& file, std::string_view contents) {
  const FileDescriptor descriptor(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!descriptor && errno == EEXIST)
    throw Error(Errc::invalid_argument,
                filled(_("{file} is there already. Remove it, or name another."), {{"file", file.native()}}));
  if (!descriptor) refuse(file, g_strerror(errno));
  while (!contents.empty()) {
    const ssize_t written = write(descriptor.get(), contents.data(), contents.size());
    if (written < 0 && errno != EINTR) refuse(file, g_strerror(errno));
    if (written > 0) contents.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace smartcmd
