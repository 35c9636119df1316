// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/digest.h"

#include <glib.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"

namespace smartcmd {

namespace {

// DigestInfo up to the digest: SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING tag and length }.
constexpr unsigned char md5_prefix[] = {0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                        0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05, 0x00, 0x04, 0x10};
constexpr unsigned char sha1_prefix[] = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
                                         0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14};
constexpr unsigned char ripemd160_prefix[] = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x24,
                                              0x03, 0x02, 0x01, 0x05, 0x00, 0x04, 0x14};
constexpr std::array<unsigned char, 19> sha2_prefix(unsigned char oid_end, unsigned char size) {
  const auto plus = [size](unsigned char rest) { return static_cast<unsigned char>(size + rest); };
  return {0x30, plus(0x11), 0x30, 0x0d, 0x06,    0x09, 0x60, 0x86, 0x48, 0x01,
          0x65, 0x03,       0x04, 0x02, oid_end, 0x05, 0x00, 0x04, size};
}
constexpr auto sha224_prefix = sha2_prefix(4, 28);
constexpr auto sha256_prefix = sha2_prefix(1, 32);
constexpr auto sha384_prefix = sha2_prefix(2, 48);
constexpr auto sha512_prefix = sha2_prefix(3, 64);

constexpr std::array<HashInfo, 7> hashes = {{
    {Hash::md5, "MD5", "1.2.840.113549.2.5", 16, md5_prefix},
    {Hash::sha1, "SHA1", "1.3.14.3.2.26", 20, sha1_prefix},
    {Hash::ripemd160, "RIPEMD160", "1.3.36.3.2.1", 20, ripemd160_prefix},
    {Hash::sha224, "SHA224", "2.16.840.1.101.3.4.2.4", 28, sha224_prefix},
    {Hash::sha256, "SHA256", "2.16.840.1.101.3.4.2.1", 32, sha256_prefix},
    {Hash::sha384, "SHA384", "2.16.840.1.101.3.4.2.2", 48, sha384_prefix},
    {Hash::sha512, "SHA512", "2.16.840.1.101.3.4.2.3", 64, sha512_prefix},
}};

// OpenSSL knows SHA256 also as SHA2-256 and SHA-256, RIPEMD160 as RIPEMD-160.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) plain.push_back(g_ascii_toupper(c));
  if (plain.starts_with("SHA2-")) plain.erase(3, 1);
  std::erase(plain, '-');
  return plain;
}

}  // namespace

std::span<const HashInfo> all_hashes() {
  return hashes;
}

const HashInfo& info(Hash hash) {
  return hashes[static_cast<std::size_t>(hash)];
}

const HashInfo* find_hash(std::string_view name) {
  const std::string plain = plain_name(name);
  for (const HashInfo& hash : hashes) {
    if (plain == hash.name || name == hash.oid) return &hash;
  }
  return nullptr;
}

Bytes to_digest_info(const Digest& digest) {
  const HashInfo& hash = info(digest.hash);
  if (digest.value.size() != hash.size) {
    throw Error(Errc::invalid_argument, filled(_("A {hash} digest has {size} octets, not {given}."),
                                               {{"hash", hash.name},
                                                {"size", std::to_string(hash.size)},
                                                {"given", std::to_string(digest.value.size())}}));
  }
  Bytes der(hash.prefix.begin(), hash.prefix.end());
  der.insert(der.end(), digest.value.begin(), digest.value.end());
  return der;
}

std::optional<Digest> from_digest_info(ByteView der) {
  for (const HashInfo& hash : hashes) {
    const std::size_t start = hash.prefix.size();
    if (der.size() == start + hash.size && std::equal(hash.prefix.begin(), hash.prefix.end(), der.begin())) {
      return Digest{hash.hash, Bytes(der.begin() + static_cast<std::ptrdiff_t>(start), der.end())};
    }
  }
  return std::nullopt;
}

Hash HashSet::preferred() const {
  for (const Hash hash : {Hash::sha256, Hash::sha384, Hash::sha512, Hash::sha224, Hash::ripemd160, Hash::sha1}) {
    if (has(hash)) return hash;
  }
  return has(Hash::md5) ? Hash::md5 : Hash::sha256;
}

void refuse_padding() {
  throw Error(Errc::unsupported, _("The remote key signs with PKCS#1 v1.5 padding only: the service takes a digest and "
                                   "pads it itself, so PSS and raw RSA cannot be had."));
}

void require_allowed(HashSet allowed, Hash hash) {
  if (allowed.has(hash)) return;
  throw Error(Errc::hash_not_allowed,
              filled(_("{hash} is not among the hashes allowed for this service. Sign with {allowed}, or allow it with "
                       "'hashes=' in the configuration."),
                     {{"hash", info(hash).name}, {"allowed", info(allowed.preferred()).name}}));
}

}  // namespace smartcmd
