// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <string>
#include <utility>

#include "base/file_descriptor.h"
#include "base/file_trust.h"
#include "base/program_name.h"
#include "base/signals.h"
#include "base/text.h"

namespace smartcmd {

namespace {

std::string now() {
  char text[sizeof "2000-01-01T00:00:00Z"] = "";
  const std::time_t time = std::time(nullptr);
  std::tm utc{};
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &utc));
  return text;
}

/// As long as it lives, a write of this thread into a pipe without a reader fails and raises no SIGPIPE.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigset_t pending;
    was_pending_ = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
  }
  ~NoBrokenPipe() {
    const timespec at_once{};
    if (!was_pending_) sigtimedwait(&signal_, nullptr, &at_once);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  const sigset_t signal_ = signal_set({SIGPIPE});
  const SignalsHeld held_{signal_};
  bool was_pending_;
};

/// Of another user neither a link is followed nor a file written: he would have us write where he cannot.
FileDescriptor open_log(const char* file) {
  struct stat link = {}, log = {};
  const bool is_link = lstat(file, &link) == 0 && S_ISLNK(link.st_mode);
  if (is_link && !is_trusted_owner(link.st_uid)) return {};
  const int follow = is_link ? 0 : O_NOFOLLOW;
  FileDescriptor opened(open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | follow, 0600));
  const bool foreign =
      opened && fstat(opened.get(), &log) == 0 && S_ISREG(log.st_mode) && !is_trusted_owner(log.st_uid);
  return foreign ? FileDescriptor() : std::move(opened);
}

}  // namespace

void log_error(const char* function, const Error& error, const std::filesystem::path& file) {
  const char* named = file.empty() ? secure_getenv("SMARTCMD_LOG") : file.c_str();
  if (named == nullptr || *named == '\0') return;
  const CancellationOff off;
  const FileDescriptor log = open_log(named);
  if (!log) return;
  const std::string line = now() + " " + printable(program_name()) + "[" + std::to_string(getpid()) + "] " + function +
                           ": " + printable(error.what()) + "\n";
  // One write, so that lines of several processes do not mix. Where the log cannot be written nobody can be told, and
  // nobody waits: not for the reader of a pipe either.
  const NoBrokenPipe no_signal;
  [[maybe_unused]] const ssize_t written = write(log.get(), line.data(), line.size());
}

}  // namespace smartcmd
