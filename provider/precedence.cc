// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "provider/precedence.h"

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/evp.h>

namespace smartcmd::provider {

namespace {

template <class Function>
const void* library_of(Function* function) {
  Dl_info info = {};
  return dladdr(reinterpret_cast<const void*>(function), &info) != 0 ? info.dli_fbase : nullptr;
}

// The core's context is a context of the libcrypto we are linked with only when the core is that libcrypto
// (provider-base(7)); a program may have one of its own inside.
OSSL_LIB_CTX* context_of(const Provider& provider) {
  const void* ours = library_of(EVP_KEYMGMT_fetch);
  if (provider.get_libctx == nullptr || ours == nullptr || library_of(provider.get_libctx) != ours) return nullptr;
  return reinterpret_cast<OSSL_LIB_CTX*>(provider.get_libctx(provider.handle));
}

}  // namespace

void announce_keys(Provider& provider) {
  if (has_keys(provider)) return;
  if (OSSL_LIB_CTX* context = context_of(provider); context != nullptr) {
    ERR_set_mark();
    EVP_KEYMGMT_free(EVP_KEYMGMT_fetch(context, "RSA", nullptr));
    EVP_SIGNATURE_free(EVP_SIGNATURE_fetch(context, "RSA", nullptr));
    ERR_pop_to_mark();
  }
  __atomic_store_n(&provider.has_keys, 1, __ATOMIC_RELEASE);
}

bool has_keys(const Provider& provider) {
  return __atomic_load_n(&provider.has_keys, __ATOMIC_ACQUIRE) != 0;
}

}  // namespace smartcmd::provider
