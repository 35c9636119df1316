// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace smartcmd {

/// A `cmd:` URI, the name of an account's key and certificates: `cmd:`, `cmd:joana`,
/// `cmd:account=joana;type=private?pin-source=file:/run/pin`. Attributes are separated and percent-encoded as RFC 7512
/// does it for `pkcs11:` URIs.
struct CmdUri {
  enum class Type {
    any,          ///< no type: private key and signer certificate
    private_key,  ///< type=private
    public_key,   ///< type=public
    certificate,  ///< type=cert: the signer's
    chain,        ///< type=chain: the authorities above the signer's certificate
  };

  std::string account;  ///< empty for the default account
  Type type = Type::any;
  std::filesystem::path pin_source;  ///< file whose first line is the PIN; empty when there is none
  std::string name;  ///< `?name=`: the document's name for prompts and messages; empty when there is none

  static bool has_scheme(std::string_view text) { return text.substr(0, 4) == "cmd:"; }
  /// Throws Errc::invalid_argument with the attribute that is wrong.
  static CmdUri parse(std::string_view text);
};

/// The label of a PEM block that names a key by its cmd: URI: its content is a DER UTF8String.
inline constexpr char key_file_label[] = "SMARTCMD KEY URI";

}  // namespace smartcmd
