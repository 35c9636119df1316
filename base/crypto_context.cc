// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/crypto_context.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include "base/c_ptr.h"
#include "base/error.h"
#include "base/process_wide.h"
#include "base/text.h"

namespace smartcmd {

namespace {

// Of threads that make the first one at the same time all but one give theirs back.
class Context {
 public:
  explicit Context(const char* provider)
      : context_(OSSL_LIB_CTX_new()), provider_(context_ ? OSSL_PROVIDER_load(context_.get(), provider) : nullptr) {
    if (provider_) return;
    throw Error(Errc::internal,
                filled(_("OpenSSL's {provider} provider could not be loaded. Check the OpenSSL installation."),
                       {{"provider", provider}}));
  }
  OSSL_LIB_CTX* get() const { return context_.get(); }

 private:
  CPtr<OSSL_LIB_CTX, OSSL_LIB_CTX_free> context_;
  CPtr<OSSL_PROVIDER, OSSL_PROVIDER_unload> provider_;
};

struct OwnContext : Context {
  OwnContext() : Context("default") {}
};

struct ReadingContext : Context {
  ReadingContext() : Context("null") {}
};

template <class Which>
OSSL_LIB_CTX* living() {
  // Once exit() has run OPENSSL_cleanup(3), libcrypto crashes; there are hosts that still call us then.
  if (OPENSSL_init_crypto(0, nullptr) != 1) {
    throw Error(Errc::internal, _("OpenSSL has been shut down: the program is about to end."));
  }
  return process_wide<Which>().get();
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
