// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/c_ptr.h"
#include "base/secure_string.h"
#include "service/hsm.h"

namespace smartcmd::service {

using Key = CPtr<EVP_PKEY, EVP_PKEY_free>;
using X509Ptr = CPtr<X509, X509_free>;
using NamePtr = CPtr<X509_NAME, X509_NAME_free>;

/// A key and its certificate.
struct Identity {
  Key key;
  X509Ptr certificate;
};

/// A distinguished name: attribute (OpenSSL's short name) and value (UTF-8), in their order.
using Name = std::vector<std::pair<const char*, std::string>>;

/// An extension in OpenSSL's words (x509v3_config(5)).
struct Extension {
  int nid;
  const char* value;
};

/// What a kind of certificate has in common.
struct Profile {
  int days;
  std::span<const Extension> extensions;
};

Key new_rsa_key(unsigned bits);
Key new_p256_key();
Key to_key(const RsaPublicKey& key);
/// Throws Errc::invalid_argument for a value that no certificate can carry.
NamePtr to_name(const Name& name);

/// Certifies `key`, of which only the public half is looked at; without an issuer the certificate is self-signed. The
/// serial number is random (RFC 5280 section 4.1.2.2: positive, at most 20 octets).
X509Ptr certify(const X509_NAME* subject, EVP_PKEY* key, const Profile& profile, const Identity* issuer = nullptr);

std::string to_pem(const X509* certificate);
SecureString to_pem(const EVP_PKEY* key);

/// All throw Errc::configuration when the file holds something else.
Key read_key(const std::filesystem::path& file);
X509Ptr read_certificate(const std::filesystem::path& file);

}  // namespace smartcmd::service
