// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/library.h"

#include <unistd.h>

#include <utility>

#include "base/log.h"
#include "base/process_wide.h"
#include "base/text.h"
#include "p11kit-module/errors.h"

namespace smartcmd::p11 {

namespace {

struct State {
  std::mutex mutex;
  std::shared_ptr<Library> library;
  bool has_told_of_nothing = false;
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

// Without accounts there are no slots and no calls that could fail later, so this is when somebody can learn why.
void tell_of_nothing() {
  const std::filesystem::path system = Config::system_file();
  log_error(
      "C_Initialize",
      Error(Errc::configuration,
            filled(_("No account is configured for the user with the number {user}; looked in: {files}. Run "
                     "'smartcmd setup' and 'smartcmd enrol NAME' as this user."),
                   {{"user", std::to_string(geteuid())},
                    {"files", Config::persons_file().native() + (system.empty() ? "" : ", " + system.native())}})));
}

Config load_config(State& own) {
  try {
    Config config = Config::load();
    if (config.accounts().empty() && !std::exchange(own.has_told_of_nothing, true)) tell_of_nothing();
    return config;
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
  own.library = std::make_shared<Library>(load_config(own));
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
