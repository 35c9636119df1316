// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/message.h"

#include "base/text.h"
#include "p11kit-module/errors.h"

namespace smartcmd::p11 {

namespace {

// RFC 8017 section 7.2.1: 0x00 0x02, at least eight octets of padding, 0x00; a signature's padding is as long.
constexpr std::size_t padding_size = 11;

[[noreturn]] void refuse_raw_data() {
  throw Error(Errc::unsupported,
              _("The remote key signs digests, not raw data. CKM_RSA_PKCS takes a DER DigestInfo; the "
                "mechanisms with a hash take the document itself."));
}

std::variant<Hasher, Bytes> start(const Mechanism& mechanism) {
  if (mechanism.hash) return Hasher(*mechanism.hash);
  return Bytes();
}

}  // namespace

Message::Message(const Mechanism& mechanism, HashSet hashes, std::size_t signature_size)
    : state_(start(mechanism)), hashes_(hashes), max_size_(signature_size - padding_size) {}

void Message::add(ByteView part) {
  if (auto* hasher = std::get_if<Hasher>(&state_)) return hasher->update(part);
  auto& collected = std::get<Bytes>(state_);
  if (part.size() > max_size_ - collected.size()) refusing(CKR_DATA_LEN_RANGE, refuse_raw_data);
  collected.insert(collected.end(), part.begin(), part.end());
}

Digest Message::digest(CK_RV otherwise) const {
  if (const auto* hasher = std::get_if<Hasher>(&state_)) return hasher->digest();
  return refusing(otherwise, [this] {
    std::optional<Digest> digest = from_digest_info(std::get<Bytes>(state_));
    if (!digest) refuse_raw_data();
    require_allowed(hashes_, digest->hash);
    return std::move(*digest);
  });
}

}  // namespace smartcmd::p11
