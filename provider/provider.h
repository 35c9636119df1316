// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/core.h>
#include <openssl/core_dispatch.h>

namespace smartcmd::provider {

/// What the core handed over when it loaded us: its handle and the functions we call back. The `provctx` of
/// provider(7).
struct Provider {
  const OSSL_CORE_HANDLE* handle = nullptr;
  OSSL_FUNC_core_new_error_fn* new_error = nullptr;
  OSSL_FUNC_core_set_error_debug_fn* set_error_debug = nullptr;
  OSSL_FUNC_core_vset_error_fn* vset_error = nullptr;
};

/// What we offer the core (provider(7)): teardown, parameters, operations, reason strings.
extern const OSSL_DISPATCH provider_functions[];

/// The operations, each in the file of its name.
extern const OSSL_DISPATCH keymgmt_functions[];
extern const OSSL_DISPATCH signature_functions[];
extern const OSSL_DISPATCH store_functions[];

/// Gives a function the untyped shape in which OpenSSL's tables want it; `Signature` is the type that
/// openssl/core_dispatch.h declares for that entry, so that a wrong one does not compile.
template <class Signature>
OSSL_DISPATCH dispatch(int id, Signature* function) {
  return {id, reinterpret_cast<void (*)(void)>(function)};
}

}  // namespace smartcmd::provider
