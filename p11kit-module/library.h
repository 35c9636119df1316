// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <memory>

#include "p11kit-module/sessions.h"

namespace smartcmd::p11 {

/// What lives from C_Initialize to C_Finalize, and as long after as a call is still at work with it.
struct Library {
  explicit Library(Config config) : service(std::move(config)), slots(service) {}

  const SigningService service;
  Slots slots;
  Sessions sessions;
};

/// Section 5.4.1, C_Initialize: reads the configuration, and nothing else. One that is broken gives no slots and a line
/// in the log: a program with other tokens must not fail for ours.
void initialise(const CK_C_INITIALIZE_ARGS* arguments);

/// Section 5.4.2, C_Finalize.
void finalise();

/// What the functions work on. Throws CKR_CRYPTOKI_NOT_INITIALIZED, also in a child forked after C_Initialize, which
/// has to call it again (section 2.5.3).
std::shared_ptr<Library> library();

}  // namespace smartcmd::p11
