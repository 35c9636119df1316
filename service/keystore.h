// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/secure_string.h"
#include "service/hsm.h"

namespace smartcmd::service {

/// What is kept of a person's key outside the HSM.
struct KeyRecord {
  std::string id;   ///< CKA_ID, hexadecimal
  std::string pin;  ///< what recognises the PIN: "scrypt:N:r:p:salt:hash" (RFC 7914), salt and hash hexadecimal
};

/// A key its owner has opened with the PIN; it lives as long as the process that waits for the one-time password.
class OpenKey {
 public:
  explicit OpenKey(std::string id) : id_(std::move(id)) {}
  const std::string& id() const { return id_; }

 private:
  std::string id_;
};

/// The people's keys and the PINs that open them: the one place that knows how a PIN guards a key.
class Keystore {
 public:
  explicit Keystore(Hsm& hsm) : hsm_(hsm) {}

  struct NewKey {
    KeyRecord record;
    RsaPublicKey public_key;
  };
  /// Makes a key in the HSM that this PIN opens. Throws Errc::invalid_secret unless the PIN has 4 to 8 digits.
  NewKey create(const std::string& label, const SecureString& pin);
  void destroy(const KeyRecord& record);

  /// The key, when the PIN is right. Takes the same time for a wrong PIN and for no key at all (null).
  std::optional<OpenKey> open(const KeyRecord* record, const SecureString& pin) const;

  /// Throws Errc::internal when the HSM does not have the key, as sign() would.
  void require(const OpenKey& key) const;

  /// The RSASSA-PKCS1-v1_5 signature over a DigestInfo.
  Bytes sign(const OpenKey& key, ByteView digest_info) const;

 private:
  Hsm& hsm_;
};

/// What recognises the PIN later, with a fresh salt.
std::string pin_check(const SecureString& pin);

/// Whether `check` was made of this PIN.
bool pin_matches(const std::string& check, const SecureString& pin);

}  // namespace smartcmd::service
