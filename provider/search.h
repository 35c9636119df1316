// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/core.h>

#include <optional>
#include <string>

#include "signing/certificate.h"
#include "signing/config.h"
#include "signing/digest.h"

namespace smartcmd::provider {

/// What OSSL_STORE_find(3) looks for: every criterion that is given must hold.
class Search {
 public:
  /// Takes the criteria among a store's parameters. Throws Errc::hash_not_allowed for a fingerprint by an unknown hash.
  void set(const OSSL_PARAM params[]);
  /// Whether an object is meant that belongs to this account and this certificate; a key belongs to its signer's.
  bool matches(const Account& account, const Certificate& certificate) const;

 private:
  std::optional<Bytes> subject_;       // DER Name
  std::optional<Bytes> issuer_;        // DER Name
  std::optional<Bytes> serial_;        // DER INTEGER
  std::optional<Digest> fingerprint_;  // of the certificate or its SubjectPublicKeyInfo
  std::optional<std::string> alias_;   // the account's name or label
};

}  // namespace smartcmd::provider
