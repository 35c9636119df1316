// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>

namespace smartcmd::p11 {

/// `text` as valid UTF-8 without control characters and ':', which NSS takes for the end of a token's name, in at most
/// `max_size` octets. A character is not cut in two.
std::string clean_label(std::string_view text, std::size_t max_size);

/// Labels programs can choose by: no two are equal.
class UniqueLabels {
 public:
  /// At most `max_size` octets each.
  explicit UniqueLabels(std::size_t max_size = 255) : max_size_(max_size) {}
  /// The clean label, with a number behind it when it was there before ("Root 2").
  std::string add(std::string_view text);

 private:
  std::size_t max_size_;
  std::unordered_set<std::string> known_;
};

/// Fills a field of CK_INFO and the like: clean, padded with blanks, without a null at the end (section 2.1).
template <std::size_t size>
void fill(unsigned char (&field)[size], std::string_view text) {
  const std::string label = clean_label(text, size);
  std::fill(std::copy(label.begin(), label.end(), field), field + size, static_cast<unsigned char>(' '));
}

}  // namespace smartcmd::p11
