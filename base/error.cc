// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/error.h"

#include <filesystem>

#include "base/text.h"

namespace smartcmd {

namespace {

// More than any code has.
constexpr std::size_t longest_code = 64;

}  // namespace

Error::Error(Errc code, const std::string& message, const std::string& service_code)
    : code_(code),
      service_code_(printable(service_code, longest_code)),
      message_(printable_lines(message)),
      text_(message_) {
  if (!service_code_.empty()) text_ += " [" + service_code_ + "]";
}

std::string sentence_of(const std::exception& error) {
  const auto* failure = dynamic_cast<const std::filesystem::filesystem_error*>(&error);
  if (failure == nullptr) return printable_lines(error.what());
  return filled(_("{file}: {reason}."), {{"file", failure->path1().native()}, {"reason", failure->code().message()}});
}

}  // namespace smartcmd
