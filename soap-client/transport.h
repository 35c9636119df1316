// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>
#include <string_view>

#include "base/secure_string.h"
#include "http/client.h"
#include "signing/config.h"

namespace smartcmd {

/// Carries envelopes to a service: SOAP 1.1 over HTTPS. Not for use by several threads at once.
class Transport {
 public:
  /// `cancel_fd` is a socket whose end or data gives up a running request; -1 for none.
  Transport(const Service& service, const SecureString& password, int cancel_fd);

  /// The envelope the service answers with: the content of a 200. Throws Errc::soap_fault for a 500 that holds a fault
  /// (SOAP 1.1 section 6.2), else as http::Client does.
  std::string post(std::string_view soap_action, std::string_view envelope, http::Effect effect);

  /// Sends an envelope without a message to no operation: whatever is behind the credentials' check answers it with a
  /// fault. Throws Errc::http_failure when the answer is no envelope, else as http::Client does.
  void check();

 private:
  http::Response exchange(std::string_view soap_action, std::string_view envelope, http::Effect effect);

  std::string endpoint_;
  http::Client client_;
};

}  // namespace smartcmd
