// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <stdlib.h>

#include "provider/operations.h"
#include "provider/provider.h"
#include "provider/reasons.h"

namespace smartcmd::provider {

namespace {

void take(Provider& provider, const OSSL_DISPATCH& entry) {
  switch (entry.function_id) {
    case OSSL_FUNC_CORE_GET_LIBCTX:
      provider.get_libctx = OSSL_FUNC_core_get_libctx(&entry);
      break;
    case OSSL_FUNC_CORE_GET_PARAMS:
      provider.get_params = OSSL_FUNC_core_get_params(&entry);
      break;
    case OSSL_FUNC_CORE_NEW_ERROR:
      provider.new_error = OSSL_FUNC_core_new_error(&entry);
      break;
    case OSSL_FUNC_CORE_SET_ERROR_DEBUG:
      provider.set_error_debug = OSSL_FUNC_core_set_error_debug(&entry);
      break;
    case OSSL_FUNC_CORE_VSET_ERROR:
      provider.vset_error = OSSL_FUNC_core_vset_error(&entry);
      break;
    case OSSL_FUNC_BIO_READ_EX:
      provider.bio_read_ex = OSSL_FUNC_BIO_read_ex(&entry);
      break;
    case OSSL_FUNC_BIO_CTRL:
      provider.bio_ctrl = OSSL_FUNC_BIO_ctrl(&entry);
      break;
    default:
      break;  // the core offers far more than we need
  }
}

}  // namespace

/// provider(7): the one symbol of this module. It runs in every process that uses libcrypto, so it hands over its table
/// and does nothing else.
extern "C" __attribute__((visibility("default"))) int OSSL_provider_init(const OSSL_CORE_HANDLE* handle,
                                                                         const OSSL_DISPATCH* in,
                                                                         const OSSL_DISPATCH** out, void** provctx) {
  auto* provider = static_cast<Provider*>(calloc(1, sizeof(Provider)));
  if (provider == nullptr) return 0;
  provider->handle = handle;
  for (; in->function_id != 0; ++in) take(*provider, *in);
  *out = provider_functions;
  *provctx = provider;
  return 1;
}

}  // namespace smartcmd::provider
