// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <string>

#include "base/c_ptr.h"

namespace smartcmd {

/// A key with a certificate, made for one test.
struct TestCertificate {
  struct Options {
    const char* key_type = "EC";                    ///< "EC" (P-256, made at once) or "RSA"
    const char* alternative_name = "IP:127.0.0.1";  ///< subjectAltName
    int from_days = -1, to_days = 1;                ///< validity, from now
    std::string name = "SmartCMD Test";             ///< the subject's common name
    const TestCertificate* issuer = nullptr;        ///< whose name is the issuer's; its own, when there is none
    const TestCertificate* signed_by = nullptr;     ///< who signs in truth; the issuer, when there is none
    bool authority = false;                         ///< may issue certificates
    unsigned bits = 2048;                           ///< of an RSA key
  };
  static TestCertificate make(const Options& options);
  static TestCertificate make() { return make(Options()); }

  std::string pem() const;

  CPtr<EVP_PKEY, EVP_PKEY_free> key;
  CPtr<X509, X509_free> certificate;
};

}  // namespace smartcmd
