// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/secret_files.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace smartcmd::service {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const char* why) {
  throw Error(Errc::configuration, file.string() + " cannot be read: " + why + ".");
}

/// Up to one of these octets, which is not part of it, or the end.
SecureString read_until(std::string_view ends, const std::filesystem::path& file, int input) {
  SecureString secret;
  char octet = 0;
  ssize_t got = 0;
  while ((got = read(input, &octet, 1)) == 1 && ends.find(octet) == std::string_view::npos) secret.push_back(octet);
  if (got < 0) refuse(file, g_strerror(errno));
  return secret;
}

SecureString read_file(std::string_view ends, const std::filesystem::path& file) {
  const FileDescriptor input(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!input) refuse(file, g_strerror(errno));
  return read_until(ends, file, input.get());
}

}  // namespace

SecureString read_whole_secret(const std::filesystem::path& file) {
  return read_file({}, file);
}

SecureString read_secret(const std::filesystem::path& file) {
  constexpr std::string_view line_ends = "\r\n";
  if (file != "-") return read_file(line_ends, file);
  if (isatty(STDIN_FILENO) == 1) g_printerr("Signature PIN: ");
  return read_until(line_ends, file, STDIN_FILENO);
}

void require_private(const std::filesystem::path& file) {
  struct stat status = {};
  if (stat(file.c_str(), &status) != 0) refuse(file, g_strerror(errno));
  if ((status.st_mode & S_IRWXO) == 0) return;
  const std::string name = std::filesystem::absolute(file).string();
  throw Error(Errc::configuration, name + " is open to everybody, and secret. Run 'chmod o= " + name + "'.");
}

}  // namespace smartcmd::service
