// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/secure_string.h"
#include "service/x509.h"

namespace smartcmd::service {

/// The private keys clients encrypt phone number, PIN and one-time password for: RSAES-PKCS1-v1_5 (RFC 8017 section
/// 7.2) in base64. The protocol names no key, so each is tried.
class FieldKeys {
 public:
  /// Reads every `*-key.pem` of the directory. Throws Errc::configuration when there is none.
  explicit FieldKeys(const std::filesystem::path& directory);
  explicit FieldKeys(std::vector<Key> keys);

  /// The field's text: digits, blanks and '+', 4 to 20 of them. Whatever else the field is, be it base64, padding or
  /// content that is wrong, becomes a random text that is nobody's phone number, PIN or one-time password and goes
  /// their way (RFC 5246 section 7.4.7.1). Each field costs the same work: its block is looked at without a branch,
  /// each key is used once, and the text has a page of its own. So neither answer nor time tells which it was
  /// (Bleichenbacher's attack), unless the answer is one that only a right secret gets.
  SecureString decrypt(const std::optional<std::string>& field) const;

 private:
  struct FieldKey {
    Key key;
    Bytes modulus;  ///< big-endian
  };
  std::vector<FieldKey> keys_;
};

}  // namespace smartcmd::service
