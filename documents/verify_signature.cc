// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/verify_signature.h"

#include "base/error.h"

namespace smartcmd {
namespace {

VerifiedTimestamp verify_timestamp(const CmsSigner& signer, const Authorities& authorities, std::time_t now) {
  VerifiedTimestamp result;
  try {
    result.timestamp = read_timestamp(*signer.timestamp, signer.value);
    result.trust = judge(*result.timestamp, authorities, now);
  } catch (const Error& error) {
    result.fault = error.what();
  }
  return result;
}

}  // namespace

Verdict VerifiedSignature::verdict() const {
  if (!signer.good()) return Verdict::not_good;
  if (trust.good()) return Verdict::trusted;
  return trust.account.empty() ? Verdict::not_trusted : Verdict::account_only;
}

VerifiedSignature verify_signature(CmsSigner signer, const std::vector<Certificate>& helpers,
                                   const Authorities& authorities, std::time_t now) {
  VerifiedSignature result{std::move(signer), {}, {}};
  if (result.signer.timestamp) result.timestamp = verify_timestamp(result.signer, authorities, now);
  const bool dated = result.timestamp && result.timestamp->good();
  const std::time_t time = dated ? result.timestamp->timestamp->time : now;
  if (result.signer.certificate)
    result.trust = authorities.judge(*result.signer.certificate, helpers, time, CertificateUse::signature);
  return result;
}

}  // namespace smartcmd
