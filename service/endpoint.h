// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>
#include <string_view>

#include "service/operations.h"

namespace smartcmd::service {

/// SOAP 1.1 over HTTP (section 6 of SOAP 1.1) without the HTTP: finds the operation a request is for, has it done and
/// puts the answer, or the fault, into an envelope.
class Endpoint {
 public:
  explicit Endpoint(Operations operations) : operations_(std::move(operations)) {}

  struct Reply {
    unsigned http_status;
    std::string body;  ///< text/xml; charset=utf-8
    std::string log;   ///< operation, status code and process id: what may be written down
  };
  /// Answers everything that an address sends; throws nothing but std::bad_alloc.
  Reply answer(const std::string& address, std::string_view soap_action, std::string_view body);

 private:
  Operations operations_;
};

}  // namespace smartcmd::service
