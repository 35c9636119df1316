// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/log.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <ctime>
#include <string>

#include "base/file_descriptor.h"
#include "base/program_name.h"

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
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGPIPE);
    sigset_t pending;
    was_pending_ = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &signal_, &former_mask_);
  }
  ~NoBrokenPipe() {
    const timespec at_once{};
    if (!was_pending_) sigtimedwait(&signal_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &former_mask_, nullptr);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  sigset_t signal_;
  sigset_t former_mask_;
  bool was_pending_;
};

}  // namespace

void log_error(const char* function, const Error& error, const std::filesystem::path& file) {
  const char* named = file.empty() ? secure_getenv("SMARTCMD_LOG") : file.c_str();
  if (named == nullptr || *named == '\0') return;
  const CancellationOff off;
  const FileDescriptor log(open(named, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600));
  const std::string line =
      now() + " " + program_name() + "[" + std::to_string(getpid()) + "] " + function + ": " + error.what() + "\n";
  // One write, so that lines of several processes do not mix. Where the log cannot be written nobody can be told, and
  // nobody waits: not for the reader of a pipe either.
  const NoBrokenPipe no_signal;
  [[maybe_unused]] const ssize_t written = write(log.get(), line.data(), line.size());
}

}  // namespace smartcmd
