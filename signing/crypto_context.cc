// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/crypto_context.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include "signing/error.h"
#include "signing/process_wide.h"
#include "signing/text.h"

namespace smartcmd {

namespace {

OSSL_LIB_CTX* new_context(const char* provider) {
  OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
  if (context == nullptr || OSSL_PROVIDER_load(context, provider) == nullptr) {
    OSSL_LIB_CTX_free(context);
    throw Error(Errc::internal,
                filled(_("OpenSSL's {provider} provider could not be loaded. Check the OpenSSL installation."),
                       {{"provider", provider}}));
  }
  return context;
}

struct OwnContext {
  OSSL_LIB_CTX* const context = new_context("default");
};

struct ReadingContext {
  OSSL_LIB_CTX* const context = new_context("null");
};

template <class Context>
OSSL_LIB_CTX* living() {
  // Once exit() has run OPENSSL_cleanup(3), libcrypto crashes; there are hosts that still call us then.
  if (OPENSSL_init_crypto(0, nullptr) != 1) {
    throw Error(Errc::internal, _("OpenSSL has been shut down: the program is about to end."));
  }
  return process_wide<Context>().context;
}

}  // namespace

OSSL_LIB_CTX* crypto_context() {
  return living<OwnContext>();
}

OSSL_LIB_CTX* reading_context() {
  return living<ReadingContext>();
}

ErrorQueueMark::ErrorQueueMark() {
  ERR_set_mark();
}

ErrorQueueMark::~ErrorQueueMark() {
  ERR_pop_to_mark();
}

}  // namespace smartcmd
