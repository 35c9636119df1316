// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>

#include "signing/certificate.h"

namespace smartcmd {

/// The first certificate of a file, PEM or DER. Throws Errc::configuration with what is wrong with the file.
Certificate read_certificate(const std::filesystem::path& file);

/// The same for a service's encryption certificate, which has an RSA key and has not expired.
Certificate read_encryption_certificate(const std::filesystem::path& file);

/// Makes sure that a file has certificates in PEM, as libcurl wants them.
void require_certificates(const std::filesystem::path& file);

}  // namespace smartcmd
