// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <ctime>
#include <string>

#include "signing/file_descriptor.h"
#include "signing/signing_service.h"

namespace smartcmd {

namespace {

std::string now() {
  char text[sizeof "2000-01-01T00:00:00Z"] = "";
  const std::time_t time = std::time(nullptr);
  std::tm utc{};
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &utc));
  return text;
}

}  // namespace

void log_error(const char* function, const Error& error, const std::filesystem::path& file) {
  const char* named = file.empty() ? secure_getenv("SMARTCMD_LOG") : file.c_str();
  if (named == nullptr || *named == '\0') return;
  const CancellationOff off;
  const FileDescriptor log(open(named, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600));
  const std::string line =
      now() + " " + program_name() + "[" + std::to_string(getpid()) + "] " + function + ": " + error.what() + "\n";
  // One write, so that lines of several processes do not mix. Where the log cannot be written nobody can be told.
  [[maybe_unused]] const ssize_t written = write(log.get(), line.data(), line.size());
}

}  // namespace smartcmd
