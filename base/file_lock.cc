// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

namespace smartcmd {

FileLock::FileLock(const std::filesystem::path& file, Of of)
    : descriptor_(of == Of::existing ? open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
                                     : open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)),
      failure_(errno) {}

FileLock::State FileLock::take() {
  return take(LOCK_EX);
}

FileLock::State FileLock::try_take() {
  return take(LOCK_EX | LOCK_NB);
}

FileLock::State FileLock::take(int operation) {
  if (!descriptor_) {
    errno = failure_;
    return State::impossible;
  }
  while (flock(descriptor_.get(), operation) != 0) {
    if (errno != EINTR) return errno == EWOULDBLOCK ? State::others : State::impossible;
  }
  return State::held;
}

}  // namespace smartcmd
