// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/file_trust.h"
#include "base/text.h"

namespace smartcmd {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Error(Errc::configuration,
              filled(_("The secret in {file} cannot be used: {why}"), {{"file", file.native()}, {"why", why}}));
}

bool is_in_group(gid_t group) {
  if (getegid() == group) return true;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, getgroups(0, nullptr))));
  groups.resize(static_cast<std::size_t>(std::max(0, getgroups(static_cast<int>(groups.size()), groups.data()))));
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

/// Whether root keeps the secret and lets the person's group read it: so several people share what one administrator
/// wrote down.
bool is_shared_by_root(const struct stat& status) {
  return status.st_uid == 0 && (status.st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) == 0 && is_in_group(status.st_gid);
}

void require_private(const std::filesystem::path& file, const struct stat& status) {
  if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) return;
  if (!is_trusted_owner(status.st_uid)) refuse(file, _("it belongs to another user. Have it belong to you."));
  if (!S_ISREG(status.st_mode) || (status.st_mode & (S_IRWXG | S_IRWXO)) == 0 || is_shared_by_root(status)) return;
  refuse(file, filled(_("others than its owner may read it. Run 'chmod 600 {file}'."), {{"file", file.native()}}));
}

// How long a pipe may take to give the secret: the program that writes into it runs already.
constexpr std::chrono::seconds patience{10};

/// Waits until something can be read, or the last writer has gone.
void wait_for(const std::filesystem::path& file, int input, std::chrono::steady_clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd ready{input, POLLIN, 0};
    const int count = left > 0 ? poll(&ready, 1, static_cast<int>(left)) : 0;
    if (count > 0) return;
    if (count == 0) refuse(file, _("nothing was written into it in time."));
    if (errno != EINTR) refuse(file, std::string(std::strerror(errno)) + ".");
  }
}

}  // namespace

SecureString read_secret_file(const std::filesystem::path& file) {
  const FileDescriptor input(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status = {};
  if (input.get() < 0 || fstat(input.get(), &status) != 0) refuse(file, std::string(std::strerror(errno)) + ".");
  if (S_ISDIR(status.st_mode)) refuse(file, _("it is a directory."));
  require_private(file, status);

  // Octet by octet, so that no second copy of the secret comes into being.
  SecureString secret;
  char octet = '\0';
  ssize_t got = 0;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (wait_for(file, input.get(), deadline), (got = read(input.get(), &octet, 1)) != 0) {
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) refuse(file, std::string(std::strerror(errno)) + ".");
    if (octet == '\n') break;
    secret.push_back(octet);
  }
  if (!secret.empty() && secret.view().back() == '\r') secret.pop_back();
  if (secret.empty()) refuse(file, _("its first line is empty."));
  return secret;
}

}  // namespace smartcmd
