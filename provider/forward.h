// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/core_dispatch.h>

#include <type_traits>

#include "provider/provider.h"

namespace smartcmd::provider {

/// The implementation, loaded at the first call; nullptr when it cannot be, with dlerror(3) saying why.
const Implementation* implementation();

/// The function of that id in a dispatch table of the implementation; nullptr when there is none.
template <class Function>
Function* find(const OSSL_DISPATCH* Implementation::*table, int id) {
  const Implementation* loaded = implementation();
  if (loaded == nullptr) return nullptr;
  for (const OSSL_DISPATCH* entry = loaded->*table; entry->function_id != 0; ++entry) {
    if (entry->function_id == id) return reinterpret_cast<Function*>(entry->function);
  }
  return nullptr;
}

/// A function of our tables that does nothing but call the one of the same id in the implementation.
template <const OSSL_DISPATCH* Implementation::*table, int id, class Function>
struct Forward;

template <const OSSL_DISPATCH* Implementation::*table, int id, class Result, class... Arguments>
struct Forward<table, id, Result(Arguments...)> {
  static Result call(Arguments... arguments) {
    auto* function = find<Result(Arguments...)>(table, id);
    if constexpr (std::is_void_v<Result>) {
      if (function != nullptr) function(arguments...);
    } else {
      return function != nullptr ? function(arguments...) : Result{};
    }
  }
};

template <const OSSL_DISPATCH* Implementation::*table, int id, class Function>
constexpr auto forward = &Forward<table, id, Function>::call;

}  // namespace smartcmd::provider
