// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/error.h"

#include <utility>

namespace smartcmd {

Error::Error(Errc code, std::string message, std::string service_code)
    : code_(code), service_code_(std::move(service_code)), message_(std::move(message)), text_(message_) {
  if (!service_code_.empty()) text_ += " [" + service_code_ + "]";
}

}  // namespace smartcmd
