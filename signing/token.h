// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/bytes.h"
#include "signing/certificate.h"
#include "signing/config.h"

namespace smartcmd {

// What an account is called as a PKCS#11 token: what the module answers and what a pkcs11: URI (RFC 7512) says.

inline constexpr char token_manufacturer[] = "SmartCMD";
inline constexpr char token_model[] = "Remote signature";

/// A number for the account's name, the same in each process; different for different names, but for bad luck.
std::uint64_t token_number(const Account& account);
/// The same in 16 hexadecimal digits.
std::string token_serial_number(const Account& account);
/// The labels of the accounts' tokens, in the order of the accounts.
std::vector<std::string> token_labels(const Config& config);

/// CKA_ID of a certificate and its keys, the same after a renewal of the certificate; short enough for a URI.
Bytes object_id(const Certificate& certificate);
/// CKA_LABEL of the account's keys and of the signer's certificate.
std::string object_label(const Account& account);

/// `text` as valid UTF-8 without control characters, ':', which NSS takes for the end of a token's name, and blanks at
/// its end, in at most `max_size` octets. A character is not cut in two.
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

}  // namespace smartcmd
