// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smartcmd {

using Bytes = std::vector<unsigned char>;
using ByteView = std::span<const unsigned char>;

/// The octets of a text, not copied.
inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

/// Octets as a text, not copied.
inline std::string_view text_of(ByteView octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// Standard base64 (RFC 4648 section 4) on one line.
std::string to_base64(ByteView bytes);

/// The octets of a base64 text; white space between the characters is allowed, as xs:base64Binary allows it.
/// Nothing when the text is not base64.
std::optional<Bytes> from_base64(std::string_view text);

/// Lower-case hexadecimal digits, two for each octet.
std::string to_hex(ByteView bytes);

}  // namespace smartcmd
