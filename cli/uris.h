// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>
#include <vector>

#include "signing/signing_service.h"

namespace smartcmd {

/// A name of something of an account, and what it names, for people.
struct Uri {
  std::string what;
  std::string text;
};

/// The account's `cmd:` URIs, for OpenSSL.
std::vector<Uri> cmd_uris(const Account& account);

/// The account's `pkcs11:` URIs (RFC 7512), as p11tool prints them. Without cached certificates, when `chain` is null,
/// only the token's.
std::vector<Uri> pkcs11_uris(const Config& config, const Account& account, const CertificateChain* chain);

}  // namespace smartcmd
