// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cxxabi.h>

#include <new>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace smartcmd {

/// Runs `body` at the border of a C ABI, where no exception may pass: whatever it throws ends in `on_error(const
/// Error&)`, whose result is returned in its place, or `speechless` where there is no memory even for that. A thread
/// that is being cancelled is let through, as glibc demands.
template <class Body, class OnError>
__attribute__((no_sanitize("null"))) auto abi_guard(Body&& body, OnError&& on_error, decltype(body())&& speechless)
    -> decltype(body()) {
  try {
    try {
      return body();
    } catch (const Error& error) {
      return on_error(error);
    } catch (const std::bad_alloc&) {
      return on_error(Error(Errc::out_of_memory, _("There is not enough memory.")));
    } catch (const abi::__forced_unwind&) {
      throw;  // there is no object behind that reference, hence no_sanitize
    } catch (const std::exception& error) {
      return on_error(Error(Errc::internal, filled(_("SmartCMD failed: {reason}."), {{"reason", sentence_of(error)}})));
    } catch (...) {
      return on_error(Error(Errc::internal, _("SmartCMD failed for a reason it does not know.")));
    }
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {
    return std::move(speechless);
  }
}

}  // namespace smartcmd
