// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "signing/digest.h"

namespace smartcmd::service {

/// Where things lie in a service's directory, which is smartcmdd's working directory.
namespace layout {
inline constexpr const char* settings = "smartcmdd.conf";
inline constexpr const char* authority = "authority";
inline constexpr const char* tls_key = "tls/server-key.pem";
inline constexpr const char* tls_certificate = "tls/server.pem";
inline constexpr const char* field_keys = "field-keys";
inline constexpr const char* softhsm_settings = "softhsm2.conf";
inline constexpr const char* tokens = "tokens";
inline constexpr const char* outbox = "outbox";
inline constexpr const char* client = "client";
inline constexpr const char* client_authority = "client/ca.pem";
inline constexpr const char* client_encryption = "client/encryption.pem";
inline constexpr const char* client_password = "client/password";
inline constexpr const char* client_settings = "client/service.conf";
}  // namespace layout

/// smartcmdd.conf: a GLib key file with one group, [service]. Relative paths start at the service's directory.
struct Settings {
  std::string listen = "127.0.0.1:0";  ///< address and port; port 0 for any free one
  std::string host;                    ///< the name clients reach us under; empty for the address
  std::filesystem::path hsm_module;    ///< PKCS#11
  std::string hsm_token = "smartcmd";  ///< the token's label
  std::filesystem::path hsm_pin_file = "hsm-pin";
  std::string database = "sqlite3://db=database.sqlite timeout=10";  ///< SOCI connection string
  std::chrono::seconds otp_lifetime{120};
  unsigned otp_attempts = 3;
  unsigned unknown_users = 600;  ///< requests in an hour, from an address, whose user id names nobody
  unsigned pin_attempts = 5;     ///< so many wrong PINs and one-time passwords in a row lock an account
  std::string application_id;    ///< the GUID's text
  std::string username = "smartcmd";
  std::filesystem::path password_file = layout::client_password;
  HashSet hashes = HashSet::sha2();

  /// Throws Errc::configuration with file, key and what was expected.
  static Settings load(const std::filesystem::path& file = layout::settings);
  /// The text of the file, each key with its explanation.
  std::string to_text() const;
};

}  // namespace smartcmd::service
