// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <optional>
#include <vector>

#include "p11kit-module/cryptoki.h"
#include "signing/digest.h"

namespace smartcmd::p11 {

/// One line of the table of mechanisms.
struct Mechanism {
  CK_MECHANISM_TYPE type;
  CK_FLAGS uses;             ///< CKF_DIGEST, or CKF_SIGN and CKF_VERIFY
  std::optional<Hash> hash;  ///< what hashes the message; nothing where it is a DigestInfo already (CKM_RSA_PKCS)
};

/// The mechanisms of a token whose service signs with `hashes`, in the order in which a program should prefer them.
std::vector<CK_MECHANISM_TYPE> mechanism_types(HashSet hashes, CK_FLAGS uses = CKF_DIGEST | CKF_SIGN);

/// Section 5.5.6, C_GetMechanismInfo. Throws CKR_MECHANISM_INVALID for what the token does not offer.
CK_MECHANISM_INFO mechanism_info(HashSet hashes, CK_MECHANISM_TYPE type);

/// The mechanism an operation of that use begins with. Throws CKR_ARGUMENTS_BAD, CKR_MECHANISM_INVALID, with the reason
/// where it is for signatures, or, as none of ours has a parameter, CKR_MECHANISM_PARAM_INVALID.
const Mechanism& mechanism_for(HashSet hashes, const CK_MECHANISM* wanted, CK_FLAGS use);

}  // namespace smartcmd::p11
