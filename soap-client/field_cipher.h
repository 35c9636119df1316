// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <string>
#include <string_view>

#include "base/openssl.h"
#include "signing/certificate.h"

namespace smartcmd {

/// Encrypts phone number, PIN and one-time password for the service, so that they are secret beyond TLS: with the RSA
/// key of a certificate the operator of the service publishes (`encryption-certificate`).
class FieldCipher {
 public:
  /// Of a certificate with an RSA key, expired or not.
  explicit FieldCipher(const Certificate& certificate);

  /// RSAES-PKCS1-v1_5 (RFC 8017 section 7.2) of the octets of `value`, base64 on one line; another text at each call.
  std::string encrypt(std::string_view value) const;

 private:
  EvpKey key_;
};

}  // namespace smartcmd
