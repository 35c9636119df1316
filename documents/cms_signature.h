// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <ctime>

#include "base/bytes.h"
#include "documents/cms_attributes.h"
#include "documents/cms_openssl.h"
#include "signing/certificate.h"
#include "signing/digest.h"

namespace smartcmd {

/// The largest document that fits into its signature, in octets: libcrypto counts with int, and holds it twice.
inline constexpr std::size_t max_embedded = 512UL << 20;

/// What a signature says beside what it is of.
struct SignatureProperties {
  std::time_t signing_time = 0;  ///< seconds since 1970
  bool with_policy = false;      ///< names CMD's policy: CAdES-EPES instead of CAdES-BES
  const Commitment* commitment = nullptr;
};

/// A CMS message (RFC 5652) with one CAdES signature (ETSI EN 319 122-1), made around a key that is elsewhere: it tells
/// the digest to be signed and takes the signature when that comes. It carries the signer's certificate and those
/// above.
class CmsSignature {
 public:
  /// A signature of a document with that digest. The hash is used for everything else, too.
  CmsSignature(const CertificateChain& chain, const Digest& document, const SignatureProperties& properties);
  /// One that was finished before, with a single signer. Throws Errc::invalid_argument for anything else.
  static CmsSignature from_der(ByteView der);

  /// What the key signs: the digest of the signed attributes in DER (RFC 5652 section 5.4).
  Digest digest() const;
  void set_value(ByteView signature);
  ByteView value() const;
  /// Puts an RFC 3161 token over value() into the unsigned attributes, in place of any that is there: CAdES-T.
  void set_timestamp(ByteView token);
  std::optional<Bytes> timestamp() const { return timestamp_of(signer()); }
  /// Puts the document inside; without it the signature is a detached one.
  void embed(ByteView document);
  Bytes der() const;

 private:
  explicit CmsSignature(Cms cms) : cms_(std::move(cms)) {}
  CMS_SignerInfo* signer() const;

  Cms cms_;
};

}  // namespace smartcmd
