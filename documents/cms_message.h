// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "documents/cms_openssl.h"
#include "signing/certificate.h"

namespace smartcmd {

/// The content type of documents: id-data (RFC 5652 section 4).
inline constexpr const char* document_type = "1.2.840.113549.1.7.1";

/// One signature of a CMS message.
struct CmsSigner {
  std::string fault;                        ///< why it is not good, a sentence; empty when it is
  std::optional<Certificate> certificate;   ///< the signer's; it is what was checked with
  bool names_certificate = false;           ///< in a signed attribute, as CAdES and timestamps must
  std::optional<std::time_t> signing_time;  ///< what the signer claims
  std::string policy;                       ///< OID; empty when none is named
  std::vector<std::string> commitments;     ///< OIDs
  Bytes value;                              ///< the signature's octets, which a timestamp is about
  std::optional<Bytes> timestamp;           ///< the token

  bool good() const { return fault.empty(); }
};

/// A CMS message with signatures (RFC 5652), made by anybody.
class CmsMessage {
 public:
  /// Reads DER or BER, or PEM. Nothing when the octets are no CMS message with signatures.
  static std::optional<CmsMessage> from(ByteView octets);

  /// Whether what is signed is elsewhere.
  bool is_detached() const;
  /// What is signed, where it is inside.
  ByteView content() const;
  /// Its type, an OID.
  std::string content_type() const;
  /// The certificates inside.
  std::vector<Certificate> certificates() const;

  /// Every signature held against `content`, which is read once from its beginning; null for what is inside. None is
  /// good when the message says that it is of another `type`. Whom to trust is another question (verify_trust.h).
  /// Throws Errc::invalid_argument when `content` cannot be read, or the message names a digest that is not known.
  std::vector<CmsSigner> check(BIO* content = nullptr, const char* type = document_type);
  /// The same against a file; with the content inside, too, where that must be the same.
  std::vector<CmsSigner> check(const std::filesystem::path& content);

 private:
  explicit CmsMessage(Cms cms) : cms_(std::move(cms)) {}

  Cms cms_;
};

/// Whether a file has the name of a signature: FILE.p7s, or FILE.p7m with FILE inside.
bool is_signature_name(const std::filesystem::path& file);

}  // namespace smartcmd
