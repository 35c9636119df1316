// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <string>

#include "base/bytes.h"

namespace smartcmd {

/// Where a POST goes.
struct HttpTarget {
  std::string host;  ///< an IPv6 address in its brackets
  std::string port;
  std::string path;  ///< with the query
  bool tls = false;
  std::filesystem::path ca_file;  ///< PEM; empty for the system's authorities
};

/// Throws Errc::invalid_argument unless it is an http or https URL.
HttpTarget http_target(const std::string& url);

/// The answer to a POST of an ASN.1 value; one of `answer_type`, of at most 1 MiB and within 15 seconds. Throws
/// Errc::connection_failed with the reason.
Bytes post(const HttpTarget& target, const char* type, ByteView request, const char* answer_type);

}  // namespace smartcmd
