// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <optional>

#include "base/error.h"
#include "p11kit-module/cryptoki.h"

namespace smartcmd::p11 {

/// The answer to a call that the standard refuses: thrown inside, returned at the border. Most are the program's to
/// understand and not worth a log line; where a person wanted something that the key cannot do, `why` is the sentence
/// for the log. What goes wrong at our side is an Error.
struct Refusal {
  CK_RV rv;
  std::optional<Error> why{};
};

inline void require(bool condition, CK_RV otherwise) {
  if (!condition) throw Refusal{otherwise};
}

/// What `check` throws becomes the answer that the standard has for it, with the sentence for the log.
template <class Check>
auto refusing(CK_RV rv, Check&& check) {
  try {
    return check();
  } catch (const Error& why) {
    throw Refusal{rv, why};
  }
}

/// The return value for an error. Those that can reach a signing function are all allowed by sections 5.13.2 and
/// 5.13.4 of PKCS #11 v3.1, which leave no room for PINs.
CK_RV to_rv(Errc code);

}  // namespace smartcmd::p11
