// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <variant>

#include "p11kit-module/mechanisms.h"
#include "signing/hasher.h"

namespace smartcmd::p11 {

/// What is signed or verified: hashed piece by piece, or collected where the mechanism wants a DigestInfo.
class Message {
 public:
  /// `signature_size` is that of the key in octets.
  Message(const Mechanism& mechanism, HashSet hashes, std::size_t signature_size);

  /// Throws CKR_DATA_LEN_RANGE beyond what PKCS #1 v1.5 can pad (section 6.1.6, table 42).
  void add(ByteView part);
  /// Throws `otherwise` unless what was collected is a DigestInfo of a hash the service signs with.
  Digest digest(CK_RV otherwise) const;

 private:
  std::variant<Hasher, Bytes> state_;
  HashSet hashes_;
  std::size_t max_size_;
};

}  // namespace smartcmd::p11
