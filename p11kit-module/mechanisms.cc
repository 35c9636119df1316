// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/mechanisms.h"

#include <algorithm>
#include <iterator>

#include "p11kit-module/errors.h"

namespace smartcmd::p11 {

namespace {

constexpr CK_FLAGS signature = CKF_SIGN | CKF_VERIFY;

// The size of an RSA key in bits: what services issue at least, and what OpenSSL can handle.
constexpr CK_ULONG min_key_size = 1024;
constexpr CK_ULONG max_key_size = 16384;

/// PKCS #11 v3.1, section 6.1 (RSA) and those of the hash functions. Programs that do not choose take the first that
/// signs, so it is one that makes a usual signature of any data.
constexpr Mechanism mechanisms[] = {
    {CKM_SHA256_RSA_PKCS, signature, Hash::sha256}, {CKM_SHA384_RSA_PKCS, signature, Hash::sha384},
    {CKM_SHA512_RSA_PKCS, signature, Hash::sha512}, {CKM_SHA224_RSA_PKCS, signature, Hash::sha224},
    {CKM_SHA1_RSA_PKCS, signature, Hash::sha1},     {CKM_RIPEMD160_RSA_PKCS, signature, Hash::ripemd160},
    {CKM_RSA_PKCS, signature, std::nullopt},        {CKM_SHA256, CKF_DIGEST, Hash::sha256},
    {CKM_SHA384, CKF_DIGEST, Hash::sha384},         {CKM_SHA512, CKF_DIGEST, Hash::sha512},
    {CKM_SHA224, CKF_DIGEST, Hash::sha224},         {CKM_SHA_1, CKF_DIGEST, Hash::sha1},
    {CKM_RIPEMD160, CKF_DIGEST, Hash::ripemd160},
};

// Hashing is ours and always possible; what is signed is the service's to allow.
bool is_offered(const Mechanism& mechanism, HashSet hashes) {
  return mechanism.uses == CKF_DIGEST || !mechanism.hash || hashes.has(*mechanism.hash);
}

const Mechanism& find(HashSet hashes, CK_MECHANISM_TYPE type) {
  const auto found = std::find_if(std::begin(mechanisms), std::end(mechanisms),
                                  [type](const Mechanism& mechanism) { return mechanism.type == type; });
  require(found != std::end(mechanisms) && is_offered(*found, hashes), CKR_MECHANISM_INVALID);
  return *found;
}

}  // namespace

std::vector<CK_MECHANISM_TYPE> mechanism_types(HashSet hashes, CK_FLAGS uses) {
  std::vector<CK_MECHANISM_TYPE> types;
  for (const Mechanism& mechanism : mechanisms) {
    if ((mechanism.uses & uses) != 0 && is_offered(mechanism, hashes)) types.push_back(mechanism.type);
  }
  return types;
}

CK_MECHANISM_INFO mechanism_info(HashSet hashes, CK_MECHANISM_TYPE type) {
  const Mechanism& mechanism = find(hashes, type);
  if (mechanism.uses == CKF_DIGEST) return {0, 0, CKF_DIGEST};
  return {min_key_size, max_key_size, CKF_HW | mechanism.uses};
}

const Mechanism& mechanism_for(HashSet hashes, const CK_MECHANISM* wanted, CK_FLAGS use) {
  require(wanted != nullptr, CKR_ARGUMENTS_BAD);
  const Mechanism& mechanism = find(hashes, wanted->mechanism);
  require((mechanism.uses & use) != 0, CKR_MECHANISM_INVALID);
  require(wanted->ulParameterLen == 0, CKR_MECHANISM_PARAM_INVALID);
  return mechanism;
}

}  // namespace smartcmd::p11
