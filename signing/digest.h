// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace smartcmd {

/// The hash functions a DigestInfo can name here.
enum class Hash : unsigned { md5, sha1, ripemd160, sha224, sha256, sha384, sha512 };

/// One line of the table of hashes.
struct HashInfo {
  Hash hash;
  const char* name;  ///< as configuration and OpenSSL write it: "SHA256"
  const char* oid;   ///< dotted
  std::size_t size;  ///< of the digest, in octets
  ByteView prefix;   ///< of its DigestInfo, everything before the digest (RFC 8017 section 9.2, note 1)
};

/// All hashes, in the order of the enumeration.
std::span<const HashInfo> all_hashes();
const HashInfo& info(Hash hash);

/// The hash of that name, whatever its case and with or without '-' ("sha256", "SHA2-256", "SHA-256"), or
/// of that object identifier; nothing when there is none.
const HashInfo* find_hash(std::string_view name);

/// A set of hashes: what a service's `hashes=` allows.
class HashSet {
 public:
  constexpr HashSet() = default;
  constexpr void add(Hash hash) { bits_ |= bit(hash); }
  constexpr bool has(Hash hash) const { return (bits_ & bit(hash)) != 0; }
  /// The hash for who names none: the first there is of SHA-256, SHA-384, SHA-512 and then the weaker ones.
  Hash preferred() const;
  bool operator==(const HashSet&) const = default;

  /// SHA-256, SHA-384 and SHA-512.
  static constexpr HashSet sha2() {
    HashSet set;
    set.add(Hash::sha256);
    set.add(Hash::sha384);
    set.add(Hash::sha512);
    return set;
  }

 private:
  static constexpr unsigned bit(Hash hash) { return 1U << static_cast<unsigned>(hash); }
  unsigned bits_ = 0;
};

/// The hash of a document: what is signed.
struct Digest {
  Hash hash;
  Bytes value;

  bool operator==(const Digest&) const = default;
};

/// DER DigestInfo (RFC 8017 section 9.2, step 2), the octets that RSASSA-PKCS1-v1_5 pads.
Bytes to_digest_info(const Digest& digest);

/// Reads a DER DigestInfo with one of the known hashes and exactly its digest; nothing for any other octets.
std::optional<Digest> from_digest_info(ByteView der);

/// Throws Errc::unsupported: what both edges say to who wants to sign with another padding than PKCS#1 v1.5.
[[noreturn]] void refuse_padding();

/// Throws Errc::hash_not_allowed unless `hash` is in `allowed`.
void require_allowed(HashSet allowed, Hash hash);

}  // namespace smartcmd
