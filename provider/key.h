// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "provider/provider.h"
#include "signing/certificate.h"
#include "signing/config.h"
#include "signing/signing_service.h"
#include "signing/uri.h"

namespace smartcmd::provider {

/// The PIN an application gave when it loaded a key: it serves one signature, then it is gone.
class GivenPin {
 public:
  void give(SecureString pin);
  /// The PIN, or nothing when there is none (any more).
  SecureString take();

 private:
  std::mutex mutex_;
  SecureString pin_;
};

/// An account's key as OpenSSL sees it: the public half from the certificate, the private half far away.
struct Key {
  const Provider& provider;
  std::shared_ptr<const SigningService> service;
  Account account;
  CertificateChain chain;
  bool is_private;                   ///< whether it may sign, or stands for its public half only
  std::filesystem::path pin_source;  ///< where the PIN is read for each signature; empty for the next
  std::shared_ptr<GivenPin> given_pin;
  std::string document_name;  ///< what the URI calls the document; empty when it says nothing

  const Certificate& certificate() const { return chain.signer(); }
};

/// The private key that a URI names, from the configuration and the account's cache on disk: asks nobody and touches no
/// network.
std::shared_ptr<const Key> find_key(const Provider& provider, const CmdUri& uri);

/// The public half of an RSA key, big-endian.
struct PublicNumbers {
  Bytes modulus;
  Bytes exponent;

  bool operator==(const PublicNumbers&) const = default;
};

/// What OpenSSL holds as key data and as object reference: one owner of a Key among several; or somebody else's public
/// key, which the core brings to compare it with one of ours.
struct KeyData {
  const Provider* provider = nullptr;
  std::shared_ptr<const Key> key;
  PublicNumbers imported;  ///< without a key

  PublicNumbers numbers() const;
};

/// Hands a key to the core as provider-object(7) wants it: by reference, for our keymgmt to load.
int hand_over_key(const KeyData& key, OSSL_CALLBACK* callback, void* callback_argument);

}  // namespace smartcmd::provider
