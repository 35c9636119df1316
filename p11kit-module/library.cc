// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/library.h"

#include "base/log.h"
#include "base/process_wide.h"
#include "p11kit-module/errors.h"

namespace smartcmd::p11 {

namespace {

struct State {
  std::mutex mutex;
  std::shared_ptr<Library> library;
};

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
  State& own = process_wide<State>();
  const std::lock_guard lock(own.mutex);
  require(own.library == nullptr, CKR_CRYPTOKI_ALREADY_INITIALIZED);
  own.library = std::make_shared<Library>(load_config());
}

void finalise() {
  std::shared_ptr<Library> last;
  {
    State& own = process_wide<State>();
    const std::lock_guard lock(own.mutex);
    require(own.library != nullptr, CKR_CRYPTOKI_NOT_INITIALIZED);
    last.swap(own.library);
  }
  last->sessions.close_all();
}

std::shared_ptr<Library> library() {
  State& own = process_wide<State>();
  const std::lock_guard lock(own.mutex);
  require(own.library != nullptr, CKR_CRYPTOKI_NOT_INITIALIZED);
  return own.library;
}

}  // namespace smartcmd::p11
