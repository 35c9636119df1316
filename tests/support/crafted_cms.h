// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <vector>

#include "documents/cms_openssl.h"
#include "tests/support/certificate.h"

namespace smartcmd {

/// A CMS message with its content inside, signed by hand over exactly the signed attributes that it was given:
/// libcrypto would not sign most of what is not allowed.
class CraftedCms {
 public:
  /// An attribute's value: its ASN.1 type and content, for SEQUENCE with its header.
  struct Value {
    int type;
    Bytes octets;
  };
  using Values = std::vector<Value>;

  CraftedCms(const TestCertificate& signer, ByteView content, const char* content_type);

  /// Adds a signed attribute.
  CraftedCms& add(int kind, const Values& values);
  /// Adds those that every signature has: content-type and message-digest.
  CraftedCms& add_usual();
  CraftedCms& add_content_type(const char* oid) { return add(NID_pkcs9_contentType, {oid_value(oid)}); }
  CraftedCms& add_message_digest();
  /// Adds what names the signer's certificate, or another: signing-certificate-v2 with SHA-256, or the first form.
  CraftedCms& add_signing_certificate(const X509* certificate) {
    return add(NID_id_smime_aa_signingCertificateV2, {signing_certificate(certificate, "SHA256")});
  }

  static Value oid_value(const char* oid);
  /// A SigningCertificate or SigningCertificateV2, which look the same while the latter's hash is SHA-256.
  static Value signing_certificate(const X509* certificate, const char* hash);

  /// Signs, and gives the message in DER.
  Bytes sign() const;

 private:
  const TestCertificate& signer_;
  Bytes content_;
  const char* content_type_;
  Cms cms_;
  CMS_SignerInfo* info_;
};

}  // namespace smartcmd
