// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/secure_string.h"

namespace smartcmd::service {

/// Octets nobody can foretell.
Bytes random_bytes(std::size_t count);

/// Decimal digits, each equally likely.
SecureString random_digits(std::size_t count);

/// A random UUID (RFC 4122 version 4), lower case. Unlike GLib's it comes from a generator fit for secrets: whoever
/// knows a process may answer for it.
std::string random_uuid();

}  // namespace smartcmd::service
