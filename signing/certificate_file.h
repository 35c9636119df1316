// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <vector>

#include "signing/certificate.h"

namespace smartcmd {

/// The first certificate of a file, PEM or DER, which encrypts for a service: it has an RSA key. It may have expired:
/// services have been known to exchange theirs some days after its end. Throws Errc::configuration with what is wrong
/// with the file.
Certificate read_encryption_certificate(const std::filesystem::path& file);

/// Those of a service, in their order (`encryption-certificate=`); at least one.
std::vector<Certificate> read_encryption_certificates(const std::vector<std::filesystem::path>& files);

/// The one of them that is used: of those that are valid now the one that began last, for a service announces a new
/// one before it takes the old one away; where none is valid, the one that began last of all.
const Certificate& newest_valid(const std::vector<Certificate>& certificates);

/// Makes sure that a file has certificates in PEM, as libcurl wants them.
void require_certificates(const std::filesystem::path& file);

}  // namespace smartcmd
