// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "base/abi_guard.h"
#include "base/log.h"
#include "p11kit-module/library.h"

namespace smartcmd::p11 {

/// The border of the module: runs the body of the C function of that name and makes its return value of whatever comes
/// out. All functions go through here.
template <class Body>
CK_RV guarded(const char* function, Body&& body) {
  const auto answered = [&]() -> CK_RV {
    try {
      body();
      return CKR_OK;
    } catch (const Refusal& refusal) {
      if (refusal.why) log_error(function, *refusal.why);
      return refusal.rv;
    }
  };
  const auto tell = [function](const Error& error) {
    log_error(function, error);
    return to_rv(error.code());
  };
  return abi_guard(answered, tell, CK_RV{CKR_HOST_MEMORY});
}

/// For the functions that need C_Initialize: `body` gets the library.
template <class Body>
CK_RV with_library(const char* function, Body&& body) {
  return guarded(function, [&body] {
    const std::shared_ptr<Library> initialised = library();
    body(*initialised);
  });
}

/// For the functions of a slot.
template <class Body>
CK_RV with_slot(const char* function, CK_SLOT_ID slot, Body&& body) {
  return with_library(function, [&](Library& library) { body(library.slots.at(slot)); });
}

/// For the functions of a session: `body` gets it locked.
template <class Body>
CK_RV with_session(const char* function, CK_SESSION_HANDLE handle, Body&& body) {
  return with_library(function, [&](Library& library) {
    LockedSession session = library.sessions.at(handle);
    body(session);
  });
}

}  // namespace smartcmd::p11
