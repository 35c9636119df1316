// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "service/files.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/c_ptr.h"
#include "base/error.h"

namespace smartcmd::service {

namespace {

using GText = CPtr<char, g_free>;
using Failure = CPtr<GError, g_error_free>;

[[noreturn]] void refuse(const std::filesystem::path& file, const char* why) {
  throw Error(Errc::configuration, file.string() + " cannot be read: " + why + ".");
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ > STDIN_FILENO) close(fd_);
}

std::string read_file(const std::filesystem::path& file) {
  char* text = nullptr;
  gsize size = 0;
  GError* error = nullptr;
  if (!g_file_get_contents(file.c_str(), &text, &size, &error)) {
    const Failure failure(error);
    throw Error(Errc::configuration, failure->message);
  }
  const GText owner(text);
  return {text, size};
}

SecureString read_secret_file(const std::filesystem::path& file) {
  const Descriptor input(file == "-" ? STDIN_FILENO : open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (input.get() < 0) refuse(file, g_strerror(errno));
  SecureString secret;
  char octet = 0;
  ssize_t got = 0;
  while ((got = read(input.get(), &octet, 1)) == 1) secret.push_back(octet);
  if (got < 0) refuse(file, g_strerror(errno));
  return secret;
}

SecureString read_secret(const std::filesystem::path& file) {
  const SecureString content = read_secret_file(file);
  return SecureString(content.view().substr(0, content.view().find_first_of("\r\n")));
}

void require_private(const std::filesystem::path& file) {
  struct stat status = {};
  if (stat(file.c_str(), &status) != 0) refuse(file, g_strerror(errno));
  if ((status.st_mode & S_IRWXO) == 0) return;
  const std::string name = std::filesystem::absolute(file).string();
  throw Error(Errc::configuration, name + " is open to everybody, and secret. Run 'chmod o= " + name + "'.");
}

void write_file(const std::filesystem::path& file, std::string_view content) {
  GError* error = nullptr;
  if (!g_file_set_contents_full(file.c_str(), content.data(), static_cast<gssize>(content.size()),
                                G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error)) {
    const Failure failure(error);
    throw Error(Errc::configuration, failure->message);
  }
}

}  // namespace smartcmd::service
