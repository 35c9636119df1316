// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/library.h"

#include <unistd.h>

#include <atomic>

#include "p11kit-module/errors.h"

namespace smartcmd::p11 {

namespace {

struct Process {
  const pid_t pid = getpid();
  std::mutex mutex;
  std::shared_ptr<Library> library;
};

// The state of this process. A forked child leaves its parent's alone, whose locks may be held by threads it does not
// have, and starts with a new one. It is never released: programs call after exit() has begun.
Process& process() {
  static std::atomic<Process*> current = nullptr;
  Process* known = current;
  while (known == nullptr || known->pid != getpid()) {
    auto own = std::make_unique<Process>();
    if (current.compare_exchange_strong(known, own.get())) known = own.release();
  }
  return *known;
}

// Section 5.4.1: all four functions or none. We create no thread and lock with the system's mutexes, or not at all.
void require_usable(const CK_C_INITIALIZE_ARGS& arguments) {
  const bool all = arguments.CreateMutex != nullptr && arguments.DestroyMutex != nullptr &&
                   arguments.LockMutex != nullptr && arguments.UnlockMutex != nullptr;
  const bool none = arguments.CreateMutex == nullptr && arguments.DestroyMutex == nullptr &&
                    arguments.LockMutex == nullptr && arguments.UnlockMutex == nullptr;
  require(arguments.pReserved == nullptr && (all || none), CKR_ARGUMENTS_BAD);
  require(none || (arguments.flags & CKF_OS_LOCKING_OK) != 0, CKR_CANT_LOCK);
}

Config load_config() {
  try {
    return Config::load();
  } catch (const Error& error) {
    log_error("C_Initialize", error);
    return {};
  }
}

}  // namespace

void initialise(const CK_C_INITIALIZE_ARGS* arguments) {
  if (arguments != nullptr) require_usable(*arguments);
  Process& own = process();
  const std::lock_guard lock(own.mutex);
  require(own.library == nullptr, CKR_CRYPTOKI_ALREADY_INITIALIZED);
  own.library = std::make_shared<Library>(load_config());
}

void finalise() {
  std::shared_ptr<Library> last;
  {
    Process& own = process();
    const std::lock_guard lock(own.mutex);
    require(own.library != nullptr, CKR_CRYPTOKI_NOT_INITIALIZED);
    last.swap(own.library);
  }
  last->sessions.close_all();
}

std::shared_ptr<Library> library() {
  Process& own = process();
  const std::lock_guard lock(own.mutex);
  require(own.library != nullptr, CKR_CRYPTOKI_NOT_INITIALIZED);
  return own.library;
}

}  // namespace smartcmd::p11
