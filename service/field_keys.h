// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secure_string.h"
#include "service/x509.h"

namespace smartcmd::service {

/// The private keys clients encrypt phone number, PIN and one-time password for: RSAES-PKCS1-v1_5 (RFC 8017 section
/// 7.2) in base64. The protocol names no key, so each is tried.
class FieldKeys {
 public:
  /// Reads every `*-key.pem` of the directory. Throws Errc::configuration when there is none.
  explicit FieldKeys(const std::filesystem::path& directory);
  explicit FieldKeys(std::vector<Key> keys) : keys_(std::move(keys)) {}

  /// The field's text: digits, blanks and '+', 4 to 20 of them. Everything else, whether base64, padding or content
  /// is wrong, is the empty text and goes the way of a wrong secret: nobody learns which (Bleichenbacher's attack).
  SecureString decrypt(const std::optional<std::string>& field) const;

 private:
  std::vector<Key> keys_;
};

}  // namespace smartcmd::service
