// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include "base/error.h"
#include "p11kit-module/cryptoki.h"

namespace smartcmd::p11 {

/// The answer to a call that the standard refuses: thrown inside, returned at the border, not worth a log line. What
/// goes wrong at our side is an Error.
struct Refusal {
  CK_RV rv;
};

inline void require(bool condition, CK_RV otherwise) {
  if (!condition) throw Refusal{otherwise};
}

/// The return value for an error. Those that can reach a signing function are all allowed by sections 5.13.2 and
/// 5.13.4 of PKCS #11 v3.1, which leave no room for PINs.
CK_RV to_rv(Errc code);

}  // namespace smartcmd::p11
