// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/secure_string.h"

namespace smartcmd::service {

/// The public half of an RSA key; numbers big-endian.
struct RsaPublicKey {
  Bytes modulus;
  Bytes exponent;
};

/// The hardware security module: a token behind a PKCS#11 module, logged in for the life of this object. Where it was
/// away meanwhile, or a key is not seen, the module is started and logged in once more. Private keys are made in it and
/// never leave it. Every failure is Errc::internal with the module's own reason.
class Hsm {
 public:
  /// Makes a fresh token with that label in the module's free slot, and gives it both PINs.
  static void initialise_token(const std::filesystem::path& module, const std::string& label,
                               const SecureString& so_pin, const SecureString& pin);

  Hsm(std::filesystem::path module, std::string label, SecureString pin);
  ~Hsm();
  Hsm(const Hsm&) = delete;
  Hsm& operator=(const Hsm&) = delete;

  /// Makes a key pair, RSA-3072, under that CKA_ID.
  RsaPublicKey generate_key(ByteView id, const std::string& label);
  /// Destroys what there is of the key pair of that CKA_ID.
  void destroy_key(ByteView id);
  /// Throws when there is no private key of that CKA_ID.
  void require_key(ByteView id);
  /// The RSASSA-PKCS1-v1_5 signature over a DigestInfo (CKM_RSA_PKCS).
  Bytes sign(ByteView id, ByteView digest_info);

 private:
  class Session;
  struct Token;
  void connect();
  template <class Use>
  auto with_token(Use use);

  const std::filesystem::path module_;
  const std::string label_;
  SecureString pin_;
  std::unique_ptr<Token> token_;  ///< empty while the HSM is away
};

}  // namespace smartcmd::service
