// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "provider/precedence.h"

#include <dlfcn.h>
#include <openssl/core_dispatch.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>

namespace smartcmd::provider {

namespace {

thread_local bool others_are_asked = false;

template <class Function>
const void* library_of(Function* function) {
  Dl_info info = {};
  return dladdr(reinterpret_cast<const void*>(function), &info) != 0 ? info.dli_fbase : nullptr;
}

// The core's context is a context of the libcrypto we are linked with only when the core is that libcrypto
// (provider-base(7)); a program may have one of its own inside.
bool core_is_our_libcrypto(const Provider& provider) {
  const void* ours = library_of(EVP_KEYMGMT_fetch);
  return provider.get_libctx != nullptr && ours != nullptr && library_of(provider.get_libctx) == ours;
}

void fetch(OSSL_LIB_CTX* context, int operation_id) {
  switch (operation_id) {
    case OSSL_OP_KEYMGMT:
      return EVP_KEYMGMT_free(EVP_KEYMGMT_fetch(context, "RSA", nullptr));
    case OSSL_OP_SIGNATURE:
      return EVP_SIGNATURE_free(EVP_SIGNATURE_fetch(context, "RSA", nullptr));
    case OSSL_OP_ASYM_CIPHER:
      return EVP_ASYM_CIPHER_free(EVP_ASYM_CIPHER_fetch(context, "RSA", nullptr));
    case OSSL_OP_ENCODER:
      return OSSL_ENCODER_free(OSSL_ENCODER_fetch(context, "RSA", nullptr));
    default:
      break;
  }
}

}  // namespace

bool others_go_first(Provider& provider, int operation_id) {
  if (others_are_asked) return false;
  if (core_is_our_libcrypto(provider)) {
    others_are_asked = true;
    ERR_set_mark();
    // nullptr stands for the default context there
    fetch(reinterpret_cast<OSSL_LIB_CTX*>(provider.get_libctx(provider.handle)), operation_id);
    ERR_pop_to_mark();
    others_are_asked = false;
  }
  return true;
}

}  // namespace smartcmd::provider
