// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "signing/digest.h"

struct x509_st;  // OpenSSL's X509; the PKCS#11 module may not see OpenSSL's headers

namespace smartcmd {

/// An X.509 certificate (RFC 5280); copies share the parsed one. What concerns the key throws Errc::answer_malformed
/// unless it is an RSA key, which a chain has made sure of for its signer.
class Certificate {
 public:
  /// Throws Errc::answer_malformed when the octets are no certificate.
  static Certificate from_der(ByteView der);

  Bytes der() const;
  Bytes subject() const;            ///< DER Name
  Bytes issuer() const;             ///< DER Name
  Bytes serial_number() const;      ///< DER INTEGER
  Bytes public_key_info() const;    ///< DER SubjectPublicKeyInfo
  Bytes modulus() const;            ///< big-endian, no leading zero
  Bytes public_exponent() const;    ///< big-endian, no leading zero
  std::string common_name() const;  ///< UTF-8; empty when the subject has none
  std::string valid_from() const;   ///< the first day it is valid, in UTC: "2025-01-01"
  std::string valid_until() const;  ///< the last
  bool is_self_issued() const;
  /// Whether the key of `issuer` signed this certificate. That takes far longer than looking at names.
  bool is_signed_by(const Certificate& issuer) const;
  /// The size of a signature by this key in octets, that of the modulus.
  std::size_t signature_size() const;
  /// Whether `signature` is the RSASSA-PKCS1-v1_5 signature of `digest` by this certificate's key.
  bool verify(const Digest& digest, ByteView signature) const;
  /// SHA-256 over the DER encoding.
  Bytes fingerprint() const;

  const x509_st* x509() const { return x509_.get(); }
  bool operator==(const Certificate& other) const { return der() == other.der(); }

 private:
  friend class CertificateChain;
  explicit Certificate(std::shared_ptr<const x509_st> x509) : x509_(std::move(x509)) {}
  std::shared_ptr<const x509_st> x509_;
};

/// The signer's certificate and the authorities above it.
class CertificateChain {
 public:
  /// Reads every certificate of a PEM text, however its lines end, and sorts them by who issued whom; the position says
  /// nothing (CMD sends user, root, CA). The signer's is the one that issued no other. Names alone say who issued whom,
  /// unless several have the same: then it is the one who signed. Throws Errc::answer_malformed when there is none, or
  /// when more than one could be the signer's.
  static CertificateChain from_pem(std::string_view pem);

  /// The chain as it may be kept: up to the first authority whose key did not sign what stands below it, which is a
  /// stranger of the same name. Throws Errc::answer_malformed when the signer's key is shorter than 2048 bits: anybody
  /// could compute it.
  CertificateChain verified() const;

  const Certificate& signer() const { return certificates_.front(); }
  /// The issuers, nearest first; as many as are known.
  std::span<const Certificate> authorities() const& { return std::span(certificates_).subspan(1); }
  std::span<const Certificate> all() const& { return certificates_; }
  std::span<const Certificate> authorities() const&& = delete;  // they would outlive the chain
  std::span<const Certificate> all() const&& = delete;
  /// The chain in its order, signer first.
  std::string to_pem() const;

  bool operator==(const CertificateChain&) const = default;

 private:
  std::vector<Certificate> certificates_;
};

}  // namespace smartcmd
