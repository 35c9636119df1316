// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <memory>
#include <span>

#include "base/bytes.h"
#include "signing/digest.h"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX; the PKCS#11 module may not see OpenSSL's headers

namespace smartcmd {

/// Hashes a document piece by piece, in our own libcrypto context. A copy goes on from the same state by itself.
class Hasher {
 public:
  /// Throws Errc::hash_not_allowed when this OpenSSL does not offer the hash (RIPEMD-160 in some builds).
  explicit Hasher(Hash hash);
  Hasher(const Hasher& other);
  Hasher& operator=(const Hasher& other);
  Hasher(Hasher&&) noexcept = default;
  Hasher& operator=(Hasher&&) noexcept = default;
  ~Hasher() = default;

  Hash hash() const { return hash_; }
  void update(ByteView data);
  /// The digest of all data so far; the hasher may go on afterwards.
  Digest digest() const;

 private:
  struct Release {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  Hash hash_;
  std::unique_ptr<evp_md_ctx_st, Release> context_;
};

/// SHA-256 for names and comparisons, by GLib: setting up libcrypto's takes longer than all else that is done to list a
/// token.
Bytes sha256(ByteView data);

/// Fills `out` from the system's random number generator, which forks and exits do not disturb as they do libcrypto's.
void random_bytes(std::span<unsigned char> out);

}  // namespace smartcmd
