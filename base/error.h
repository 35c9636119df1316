// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <exception>
#include <string>

#include "base/errc.h"

namespace smartcmd {

/// The one exception of SmartCMD. Its text is a sentence for a person: what happened and what to do; it never holds a
/// secret or a phone number, nor what is not printable (base/text.h), whoever wrote it: it goes to terminals, logs and
/// the queues of hosts.
class Error final : public std::exception {
 public:
  Error(Errc code, const std::string& message, const std::string& service_code = {});

  Errc code() const noexcept { return code_; }
  /// The status code the service gave ("801"), or the beginning of what it gave for one; empty when the service was not
  /// the one who complained.
  const std::string& service_code() const noexcept { return service_code_; }
  /// The sentence alone, without the service's code.
  const std::string& message() const noexcept { return message_; }
  /// The sentence, followed by the service's code in brackets where there is one.
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  Errc code_;
  std::string service_code_;
  std::string message_;
  std::string text_;
};

/// What any exception says to a person: an Error its own sentence, one of std::filesystem the file and the system's
/// reason.
std::string sentence_of(const std::exception& error);

}  // namespace smartcmd
