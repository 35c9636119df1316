// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/core.h>
#include <openssl/core_dispatch.h>

namespace smartcmd::provider {

/// What the core handed over when it loaded us: its handle and the functions we call back. The `provctx` of
/// provider(7).
struct Provider {
  const OSSL_CORE_HANDLE* handle;
  OSSL_FUNC_core_get_libctx_fn* get_libctx;
  OSSL_FUNC_core_get_params_fn* get_params;
  OSSL_FUNC_core_new_error_fn* new_error;
  OSSL_FUNC_core_set_error_debug_fn* set_error_debug;
  OSSL_FUNC_core_vset_error_fn* vset_error;
  OSSL_FUNC_BIO_read_ex_fn* bio_read_ex;
  OSSL_FUNC_BIO_ctrl_fn* bio_ctrl;
};

/// The provider is two libraries. The module that OpenSSL loads (entry.cc, provider.cc, forward.h) holds the names of
/// what we offer and links neither GLib nor the C++ runtime, for once configured it is loaded into every process that
/// uses libcrypto. The implementation (keymgmt.cc, signature.cc, store.cc, refusals.cc, key_file.cc) is loaded when
/// somebody opens a cmd: URI; this is its one symbol, found by name.
struct Implementation {
  const OSSL_DISPATCH* keymgmt;
  const OSSL_DISPATCH* signature;
  const OSSL_DISPATCH* store;
  const OSSL_DISPATCH* cipher;
  const OSSL_DISPATCH* encoder;
  const OSSL_DISPATCH* pem_decoder;
  const OSSL_DISPATCH* uri_decoder;
};
inline constexpr char implementation_file[] = "smartcmd-provider.so";
inline constexpr char implementation_symbol[] = "smartcmd_provider_implementation";

}  // namespace smartcmd::provider
