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
  std::string source;     ///< why that one is trusted: "the system", a file's name, "account joana"

  bool good() const { return fault.empty(); }
};

/// What a certificate is used for.
enum class CertificateUse { signature, timestamp };

/// The authorities that are trusted: none but what is added. Revocation is not looked at.
class Authorities {
 public:
  /// `option` is what faults name to have a file added: "--ca".
  explicit Authorities(const char* option);

  /// Adds those of the system (SSL_CERT_FILE and SSL_CERT_DIR name others).
  void add_system();
  /// Adds every certificate of a PEM file. Throws Errc::invalid_argument when there is none.
  void add_file(const std::filesystem::path& file);
  /// Adds those above the accounts that are enrolled.
  void add_accounts(const Config& config);

  /// Whether the certificate was valid at `time`, is for that use and as strong as 112 bits, traced through `helpers`,
  /// which need not be trusted.
  Trust judge(const Certificate& certificate, const std::vector<Certificate>& helpers, std::time_t time,
              CertificateUse use) const;

 private:
  struct Added {
    Certificate authority;
    std::string source;
  };
  void add(const Certificate& authority, const std::string& source);
  std::string source_of(const Certificate& authority) const;

  const char* option_;
  CPtr<X509_STORE, X509_STORE_free> store_;
  std::vector<Added> added_;
};

}  // namespace smartcmd
