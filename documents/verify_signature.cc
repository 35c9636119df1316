// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/verify_signature.h"

#include "base/error.h"

namespace smartcmd {
namespace {

VerifiedTimestamp verify_timestamp(const CmsSigner& signer, const Authorities& authorities) {
  VerifiedTimestamp result;
  try {
    result.timestamp = read_timestamp(*signer.timestamp, signer.value);
    const Timestamp& read = *result.timestamp;
    result.trust = authorities.judge(read.authority, read.certificates, read.time, CertificateUse::timestamp);
  } catch (const Error& error) {
    result.fault = error.what();
  }
  return result;
}

}  // namespace

VerifiedSignature verify_signature(CmsSigner signer, const std::vector<Certificate>& helpers,
                                   const Authorities& authorities, std::time_t now) {
  VerifiedSignature result{std::move(signer), {}, {}};
  if (result.signer.timestamp) result.timestamp = verify_timestamp(result.signer, authorities);
  const bool dated = result.timestamp && result.timestamp->good();
  const std::time_t time = dated ? result.timestamp->timestamp->time : now;
  if (result.signer.certificate)
    result.trust = authorities.judge(*result.signer.certificate, helpers, time, CertificateUse::signature);
  return result;
}

}  // namespace smartcmd
