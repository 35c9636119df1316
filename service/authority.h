// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>
#include <string_view>

#include "service/x509.h"

namespace smartcmd::service {

/// The certificate authority, shaped like CMD's: a root, an issuing CA under it, the people's certificates under that.
/// Its keys are PEM files: an organisation brings its own, or issues the certificates elsewhere.
class Authority {
 public:
  /// Makes root, issuing CA and TLS server certificate, and the key that clients encrypt fields for, in the service's
  /// directory.
  static void found();

  /// Reads the issuing CA.
  Authority();

  /// A person's certificate (PEM): its one key usage is nonRepudiation. Throws Errc::invalid_argument for a name no
  /// certificate can carry.
  std::string issue(const std::string& name, const RsaPublicKey& key) const;

  /// A certificate of another key with the name that a person's certificate (PEM) has.
  std::string renew(std::string_view certificate, const RsaPublicKey& key) const;

  /// The person's certificate, the root's, the issuing CA's, in CMD's order and with its line ends, CR LF.
  std::string chain(std::string_view certificate) const;

 private:
  Identity issuing_;
  std::string above_;  ///< PEM of root and issuing CA
};

}  // namespace smartcmd::service
