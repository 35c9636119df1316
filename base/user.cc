// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/user.h"

#include <glib.h>
#include <pwd.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <vector>

namespace smartcmd {

bool trusts_environment() {
  return getauxval(AT_SECURE) == 0;
}

std::filesystem::path home_directory() {
  if (trusts_environment()) return g_get_home_dir();
  std::vector<char> room(16384);
  passwd entry{};
  passwd* found = nullptr;
  getpwuid_r(geteuid(), &entry, room.data(), room.size(), &found);
  return found == nullptr ? "" : found->pw_dir;
}

std::filesystem::path data_directory() {
  return trusts_environment() ? std::filesystem::path(g_get_user_data_dir()) : home_directory() / ".local/share";
}

}  // namespace smartcmd
