// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "documents/cms_openssl.h"
#include "signing/certificate.h"
#include "signing/config.h"

namespace smartcmd {

/// Whether a certificate may be trusted.
struct Trust {
  std::string fault;      ///< why it may not, a sentence; empty when it may
  std::string authority;  ///< the one it was traced to
  std::string source;     ///< why that one is trusted: "the system", or a file's name
  std::string account;    ///< the account whose service alone vouches for the certificate; empty when it is another's

  bool good() const { return fault.empty(); }
};

using AuthorityStore = CPtr<X509_STORE, X509_STORE_free>;

/// What a certificate is used for.
enum class CertificateUse { signature, timestamp };

/// The authorities that are trusted: none but what is added. Revocation is not looked at. What stands above an account
/// is no authority here, because its service could name anybody: it vouches for that account's certificate alone.
class Authorities {
 public:
  /// `option` is what faults name to have a file added: "--ca".
  explicit Authorities(const char* option);

  /// Adds those of the system (SSL_CERT_FILE and SSL_CERT_DIR name others).
  void add_system();
  /// Adds every certificate of a PEM file. Throws Errc::invalid_argument when there is none.
  void add_file(const std::filesystem::path& file);
  /// Makes the certificates known that enrolled accounts sign with.
  void add_accounts(const Config& config);

  /// Whether the certificate was valid at `time`, is for that use and as strong as 112 bits, traced through `helpers`,
  /// which need not be trusted. A signer's that is not trusted, but the one kept for an account, is traced to that
  /// account: Trust::account tells.
  Trust judge(const Certificate& certificate, const std::vector<Certificate>& helpers, std::time_t time,
              CertificateUse use) const;

 private:
  struct Added {
    Certificate authority;
    std::string source;
  };
  struct Enrolled {
    std::string account;
    CertificateChain chain;
  };
  Trust trace(X509_STORE* anchors, const Certificate& certificate, const std::vector<Certificate>& helpers,
              std::time_t time, CertificateUse use) const;
  Trust vouched(const Enrolled& own, std::time_t time) const;
  void add(const Certificate& authority, const std::string& source);
  std::string source_of(const Certificate& authority) const;

  const char* option_;
  AuthorityStore store_;
  std::vector<Added> added_;
  std::vector<Enrolled> enrolled_;
};

}  // namespace smartcmd
