// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// provider-asym_cipher(7) and provider-encoder(7), for the sentence alone: without them who wants to decrypt, or to
// write the private key, is told "not supported", or nothing at all. The contexts are the provider's: there is no
// state.

#include "base/text.h"
#include "provider/errors.h"
#include "provider/operations.h"

namespace smartcmd::provider {

namespace {

int refuse(void* provctx, const char* sentence) {
  return guarded(*static_cast<const Provider*>(provctx), 0,
                 [sentence]() -> int { throw Error(Errc::unsupported, _(sentence)); });
}

}  // namespace

// ---- decryption and encryption --------------------------------------------------------------------------------------

namespace cipher {

int refuse_decryption(void* ctx, void*, const OSSL_PARAM[]) {
  return refuse(ctx, N_("The remote key only signs: the service does not decrypt."));
}

int refuse_encryption(void* ctx, void*, const OSSL_PARAM[]) {
  return refuse(ctx, N_("The remote key only signs: what is encrypted for it could never be decrypted."));
}

int neither(void*, unsigned char*, std::size_t*, std::size_t, const unsigned char*, std::size_t) {
  return 0;  // nobody gets past the above
}

}  // namespace cipher

// ---- the private key in a file --------------------------------------------------------------------------------------

namespace encoder {

int refuse_encoding(void* ctx, OSSL_CORE_BIO*, const void*, const OSSL_PARAM[], int, OSSL_PASSPHRASE_CALLBACK*, void*) {
  return refuse(ctx,
                N_("The private key never leaves the service. Only the public key can be written, as with 'openssl "
                   "pkey -pubout'."));
}

}  // namespace encoder

}  // namespace smartcmd::provider
