// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "provider/provider.h"
#include "signing/certificate.h"
#include "signing/config.h"
#include "signing/signing_service.h"

namespace smartcmd::provider {

/// An account's key as OpenSSL sees it: the public half from the certificate, the private half far away.
struct Key {
  const Provider& provider;
  std::shared_ptr<const SigningService> service;
  Account account;
  CertificateChain chain;
  bool is_private;                   ///< whether it may sign, or stands for its public half only
  std::filesystem::path pin_source;  ///< where the PIN is read for each signature; empty to ask the person
  std::string document_name;         ///< what the URI calls the document; empty when it says nothing

  const Certificate& certificate() const { return chain.signer(); }
};

/// What OpenSSL holds as key data and as object reference: one owner of a Key among several.
struct KeyData {
  std::shared_ptr<const Key> key;
};

}  // namespace smartcmd::provider
