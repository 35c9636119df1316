// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "base/abi_guard.h"
#include "base/crypto_context.h"
#include "base/error.h"
#include "provider/provider.h"

namespace smartcmd::provider {

/// The place in our code where the core came in, as OpenSSL's error queue shows it.
struct Place {
  const char* file = __builtin_FILE();
  int line = __builtin_LINE();
  const char* function = __builtin_FUNCTION();
};

/// Puts the error into the host's queue: the reason is the Errc, the data the sentence with the service's code.
void raise(const Provider& provider, const Error& error, const Place& place);

/// Runs `body` for the core: an exception goes to the host's error queue and `failure` is returned. Whatever our own
/// use of libcrypto left in that queue is taken out again.
template <class Body>
auto guarded(const Provider& provider, std::invoke_result_t<Body> failure, Body&& body, Place place = {})
    -> decltype(body()) {
  std::optional<Error> caught;
  auto result = [&] {
    const ErrorQueueMark mark;
    const auto remember = [&](const Error& error) {
      caught = error;
      return std::move(failure);
    };
    return abi_guard(std::forward<Body>(body), remember, std::move(failure));
  }();
  const auto tell = [&] { return caught ? raise(provider, *caught, place), 0 : 0; };
  abi_guard(
      tell, [](const Error&) { return 0; }, 0);
  return result;
}

}  // namespace smartcmd::provider
