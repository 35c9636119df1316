// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "signing/error.h"
#include "signing/file_descriptor.h"
#include "signing/text.h"

namespace smartcmd {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Error(Errc::configuration,
              filled(_("The secret in {file} cannot be used: {why}"), {{"file", file.native()}, {"why", why}}));
}

}  // namespace

SecureString read_secret_file(const std::filesystem::path& file) {
  const FileDescriptor input(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  struct stat status = {};
  if (input.get() < 0 || fstat(input.get(), &status) != 0) refuse(file, std::string(std::strerror(errno)) + ".");
  if (S_ISDIR(status.st_mode)) refuse(file, _("it is a directory."));
  if (S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    refuse(file, filled(_("others than its owner may read it. Run 'chmod 600 {file}'."), {{"file", file.native()}}));
  }

  // Octet by octet, so that no second copy of the secret comes into being.
  SecureString secret;
  char octet = '\0';
  ssize_t got = 0;
  while ((got = read(input.get(), &octet, 1)) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(file, std::string(std::strerror(errno)) + ".");
    if (octet == '\n') break;
    secret.push_back(octet);
  }
  if (!secret.empty() && secret.view().back() == '\r') secret.pop_back();
  if (secret.empty()) refuse(file, _("its first line is empty."));
  return secret;
}

}  // namespace smartcmd
