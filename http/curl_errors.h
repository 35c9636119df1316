// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <curl/curl.h>

#include <string>

#include "base/error.h"
#include "http/client.h"

namespace smartcmd::http {

/// What is known of a request that got no answer.
struct BrokenExchange {
  CURLcode code;
  std::string reason;   ///< libcurl's own words
  std::string host;     ///< of the service
  std::string address;  ///< the same with the port
  std::string proxy;    ///< host and port of the one that libcurl was connecting to; empty when it was the service
  long proxy_status;    ///< HTTP status with which a proxy refused, 0 when none did
  bool answer_began;
};

/// What happened, as a person needs to hear it.
Error to_error(const BrokenExchange& exchange, const Advice& advice);

/// The sentence, and behind it what can be done, which may be nothing.
std::string with_advice(const std::string& sentence, const char* advice);

}  // namespace smartcmd::http
