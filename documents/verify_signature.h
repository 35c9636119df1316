// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "documents/cms_message.h"
#include "documents/timestamp.h"
#include "documents/verify_trust.h"

namespace smartcmd {

/// The timestamp of a signature.
struct VerifiedTimestamp {
  std::string fault;                   ///< why it does not count, a sentence; empty when it does
  std::optional<Timestamp> timestamp;  ///< where it could be read
  Trust trust;

  bool good() const { return fault.empty() && trust.good(); }
};

/// What a signature is worth, the worst first.
enum class Verdict {
  not_good,      ///< it is not one of the content, or can be no proof of it
  not_trusted,   ///< nobody who is trusted vouches for the signer
  account_only,  ///< only the service of an account vouches for that account's certificate
  trusted,
};

/// All that is known of one signature.
struct VerifiedSignature {
  CmsSigner signer;
  Trust trust;  ///< at the time of the timestamp where a good one is there, else now
  std::optional<VerifiedTimestamp> timestamp;

  /// A timestamp that does not count spoils nothing: without it the signature is judged as of now.
  bool good() const { return signer.good() && trust.good(); }
  Verdict verdict() const;
};

/// Judges a signature that was held against its content (CmsMessage::check), at `now` unless a timestamp tells when.
/// `helpers` are the certificates in the message.
VerifiedSignature verify_signature(CmsSigner signer, const std::vector<Certificate>& helpers,
                                   const Authorities& authorities, std::time_t now);

}  // namespace smartcmd
