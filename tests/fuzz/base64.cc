// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

// Base64, in which octets and encrypted fields travel.

#include <algorithm>
#include <cctype>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace smartcmd;
  const std::string text = fuzz::text_of(data, size);
  const auto octets = from_base64(text);
  if (!octets) return 0;
  const auto significant =
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) == 0; });
  const std::string written = to_base64(*octets);
  fuzz::require(written.size() == static_cast<std::size_t>(significant), "every character counts");
  fuzz::require(from_base64(written) == octets, "what is written is read again");
  return 0;
}
