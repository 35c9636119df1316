// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/secure_string.h"
#include "signing/certificate.h"
#include "signing/config.h"
#include "signing/document.h"

namespace smartcmd {

/// The one use case the edges share: sign these digests for this account. Certificates come from the account's cache on
/// disk, without network or prompt; signing asks an agent, and no signature leaves that was not verified with the
/// certificate the caller knows. (The PKCS#11 module answers probes itself, with zeros: probes.h.) A call holds no lock
/// while it waits.
class SigningService {
 public:
  explicit SigningService(Config config) : config_(std::move(config)) {}

  const Config& config() const { return config_; }

  /// The cached chain of the account. Throws Errc::not_enrolled when there is none.
  CertificateChain certificates(const Account& account) const;

  /// Fetches the chain from the service, verifies it (CertificateChain::verified) and caches it, written atomically
  /// with mode 0600. With `with_pin` the service asks for PIN and one-time password before it gives the chain.
  CertificateChain enrol(const Account& account, bool with_pin = false) const;

  /// The RSASSA-PKCS1-v1_5 signatures of the documents' digests by the key of `signer`, the account's certificate as
  /// the caller knows it, in their order: one PIN and one one-time password for all, at most `max_batch`. What other
  /// threads sign for the account at the same time joins the batch (batches.h); what was just signed is not asked for
  /// again (signature_memory.h). Names are settled (document.h). An empty PIN lets the agent ask for it. When the
  /// cached certificate is not the caller's any more, Errc::certificate_changed is thrown before anybody is asked; so
  /// it is when the service's turns out to be another than the cached one, which is refreshed then. `cancellation` lets
  /// another thread give the call up.
  std::vector<Signature> sign(const Account& account, const Certificate& signer, std::vector<Document> documents,
                              SecureString pin = {}, Cancellation* cancellation = nullptr) const;

 private:
  std::vector<Signature> ask_to_sign(const Account& account, const CertificateChain& chain,
                                     std::vector<Document> documents, SecureString pin,
                                     Cancellation* cancellation) const;

  Config config_;
};

}  // namespace smartcmd
