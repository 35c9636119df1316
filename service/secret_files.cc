// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/secret_files.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace smartcmd::service {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const char* why) {
  throw Error(Errc::configuration, file.string() + " cannot be read: " + why + ".");
}

SecureString read_all(const std::filesystem::path& file, int input) {
  SecureString secret;
  char octet = 0;
  ssize_t got = 0;
  while ((got = read(input, &octet, 1)) == 1) secret.push_back(octet);
  if (got < 0) refuse(file, g_strerror(errno));
  return secret;
}

}  // namespace

SecureString read_whole_secret(const std::filesystem::path& file) {
  if (file == "-") return read_all(file, STDIN_FILENO);
  const FileDescriptor input(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!input) refuse(file, g_strerror(errno));
  return read_all(file, input.get());
}

SecureString read_secret(const std::filesystem::path& file) {
  const SecureString content = read_whole_secret(file);
  return SecureString(content.view().substr(0, content.view().find_first_of("\r\n")));
}

void require_private(const std::filesystem::path& file) {
  struct stat status = {};
  if (stat(file.c_str(), &status) != 0) refuse(file, g_strerror(errno));
  if ((status.st_mode & S_IRWXO) == 0) return;
  const std::string name = std::filesystem::absolute(file).string();
  throw Error(Errc::configuration, name + " is open to everybody, and secret. Run 'chmod o= " + name + "'.");
}

}  // namespace smartcmd::service
