// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <ctime>

#include "cli/sign/job.h"
#include "signing/certificate.h"
#include "signing/config.h"
#include "signing/document.h"

namespace smartcmd {

/// What is to be remembered of a signature: what the certification of an integration asks for.
struct Evidence {
  const SignJob& job;
  const Account& account;
  const Certificate& signer;
  const Digest& content;     ///< of the file when it was signed
  const Document& document;  ///< as it was sent to the service
  const Signature& signature;
  std::time_t time;
};

/// Writes the record (record.json), a copy of the file and one of its signature into a new directory below `directory`,
/// which only the owner can read. It holds no secret and no phone number. Answers the new directory. Throws when it
/// cannot be written, or when the file has changed since it was signed.
std::filesystem::path write_evidence(const std::filesystem::path& directory, const Evidence& evidence);

}  // namespace smartcmd
