// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "signing/token.h"

namespace smartcmd::p11 {

/// Fills a field of CK_INFO and the like: clean, padded with blanks, without a null at the end (section 2.1).
template <std::size_t size>
void fill(unsigned char (&field)[size], std::string_view text) {
  const std::string label = clean_label(text, size);
  std::fill(std::copy(label.begin(), label.end(), field), field + size, static_cast<unsigned char>(' '));
}

}  // namespace smartcmd::p11
