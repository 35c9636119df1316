// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/core.h>

#include <memory>
#include <optional>

#include "provider/key.h"
#include "signing/hasher.h"

namespace smartcmd::provider {

/// A signature in the making or being verified: the `ctx` of provider-signature(7). Copies share nothing but the key.
struct SignatureContext {
  const Provider& provider;
  std::shared_ptr<const Key> key;
  std::optional<Hash> hash;      // set by the caller, or SHA-256 once a document is hashed
  std::optional<Hasher> hasher;  // while a document is hashed
};

inline SignatureContext& context_of(void* ctx) {
  return *static_cast<SignatureContext*>(ctx);
}

/// Takes a hash the service allows; throws Errc::hash_not_allowed for others.
void set_hash(SignatureContext& ctx, const char* name);

/// Takes the parameters of a call; throws Errc::unsupported for a padding the key does not have.
void set_params(SignatureContext& ctx, const OSSL_PARAM params[]);

}  // namespace smartcmd::provider
