// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/private_files.h"

#include <glib.h>
#include <sys/stat.h>

#include <cerrno>

#include "signing/c_ptr.h"
#include "signing/error.h"
#include "signing/text.h"

namespace smartcmd {

void write_private_file(const std::filesystem::path& file, std::string_view contents) {
  const std::filesystem::path directory = file.parent_path();
  if (g_mkdir_with_parents(directory.c_str(), 0700) != 0) {
    throw Error(Errc::configuration,
                filled(_("The directory {directory} cannot be made ({reason}). Check its permissions."),
                       {{"directory", directory.native()}, {"reason", g_strerror(errno)}}));
  }
  // GLib from 2.84 on gives the new file the mode of the old one.
  if (chmod(file.c_str(), 0600) != 0 && errno != ENOENT) {
    throw Error(Errc::configuration, filled(_("{file} could not be written: {reason}."),
                                            {{"file", file.native()}, {"reason", g_strerror(errno)}}));
  }
  GError* error = nullptr;
  if (g_file_set_contents_full(file.c_str(), contents.data(), static_cast<gssize>(contents.size()),
                               G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error) != 0)
    return;
  const CPtr<GError, g_error_free> owned(error);
  throw Error(Errc::configuration, filled(_("{file} could not be written: {reason}."),
                                          {{"file", file.native()}, {"reason", error->message}}));
}

}  // namespace smartcmd
