// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/mechanisms.h"

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "base/text.h"
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

/// The line of the table; nothing when there is none.
const Mechanism* find(CK_MECHANISM_TYPE type) {
  const auto found = std::find_if(std::begin(mechanisms), std::end(mechanisms),
                                  [type](const Mechanism& mechanism) { return mechanism.type == type; });
  return found == std::end(mechanisms) ? nullptr : found;
}

// Other paddings of RSA, which people ask for by name.
constexpr CK_MECHANISM_TYPE other_paddings[] = {CKM_RSA_X_509,           CKM_RSA_9796,
                                                CKM_RSA_X9_31,           CKM_RSA_PKCS_PSS,
                                                CKM_SHA1_RSA_PKCS_PSS,   CKM_SHA224_RSA_PKCS_PSS,
                                                CKM_SHA256_RSA_PKCS_PSS, CKM_SHA384_RSA_PKCS_PSS,
                                                CKM_SHA512_RSA_PKCS_PSS};

// In words, why nothing is signed or verified with that mechanism.
void require_possible(HashSet hashes, CK_MECHANISM_TYPE type, const Mechanism* mechanism) {
  if (mechanism != nullptr && mechanism->hash) require_allowed(hashes, *mechanism->hash);
  if (std::find(std::begin(other_paddings), std::end(other_paddings), type) != std::end(other_paddings)) {
    refuse_padding();
  }
  char number[2 + 2 * sizeof type + 1] = "";
  std::snprintf(number, sizeof number, "0x%lx", type);
  throw Error(Errc::unsupported,
              filled(_("The remote key does not sign with the mechanism {number} of PKCS #11. Use one "
                       "that 'pkcs11-tool -M' lists."),
                     {{"number", number}}));
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
  const Mechanism* mechanism = find(type);
  require(mechanism != nullptr && is_offered(*mechanism, hashes), CKR_MECHANISM_INVALID);
  if (mechanism->uses == CKF_DIGEST) return {0, 0, CKF_DIGEST};
  return {min_key_size, max_key_size, CKF_HW | mechanism->uses};
}

const Mechanism& mechanism_for(HashSet hashes, const CK_MECHANISM* wanted, CK_FLAGS use) {
  require(wanted != nullptr, CKR_ARGUMENTS_BAD);
  const Mechanism* mechanism = find(wanted->mechanism);
  const bool is_possible = mechanism != nullptr && (mechanism->uses & use) != 0 && is_offered(*mechanism, hashes);
  if (!is_possible && (use & signature) != 0) {
    refusing(CKR_MECHANISM_INVALID, [&] { require_possible(hashes, wanted->mechanism, mechanism); });
  }
  require(is_possible, CKR_MECHANISM_INVALID);
  require(wanted->ulParameterLen == 0, CKR_MECHANISM_PARAM_INVALID);
  return *mechanism;
}

}  // namespace smartcmd::p11
