// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/cms.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace smartcmd {

/// What a signature is meant to say: a commitment type (RFC 5126 section 5.11.1).
struct Commitment {
  const char* name;   ///< as --commitment takes it
  const char* title;  ///< for people; marked with N_
  const char* oid;
};

std::span<const Commitment> all_commitments();
const Commitment* find_commitment(std::string_view name);
/// The commitment's name, or the OID itself when nobody knows it.
std::string commitment_name(const std::string& oid);
/// The same for people.
std::string commitment_title(const std::string& oid);

/// The policy under which CMD signs.
inline constexpr const char* cmd_policy = "2.16.620.2.1.2.2.1";

/// Adds the signed attribute that names the policy: signature-policy-identifier, without the optional hash of the
/// policy (ETSI EN 319 122-1 section 5.2.9).
void add_policy(CMS_SignerInfo* signer, const char* oid);
/// Adds the signed attribute commitment-type-indication (section 5.2.3).
void add_commitment(CMS_SignerInfo* signer, const Commitment& commitment);

/// The OID of the policy; empty where none is named.
std::string policy_of(const CMS_SignerInfo* signer);
/// The OIDs of all commitments.
std::vector<std::string> commitments_of(const CMS_SignerInfo* signer);
/// The token in the unsigned attribute signature-time-stamp (section 5.3).
std::optional<Bytes> timestamp_of(const CMS_SignerInfo* signer);

}  // namespace smartcmd
