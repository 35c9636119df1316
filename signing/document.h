// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signing/digest.h"

namespace smartcmd {

/// What is signed: a digest and the name the person sees, on the screen and in the message with the one-time password.
struct Document {
  std::string name;
  Digest digest;
  /// Of the document itself, where what is signed is made of it (CMS signs attributes): the one a person can compare.
  std::optional<Digest> content = {};
};

/// What comes back for a document.
struct Signature {
  Bytes value;             ///< RSASSA-PKCS1-v1_5
  std::string process_id;  ///< of the service's process that made it, for records

  bool operator==(const Signature&) const = default;
};

/// At most this many documents go under one PIN and one one-time password.
inline constexpr std::size_t max_batch = 100;

/// At most this many Unicode code points of a document's name reach the service.
inline constexpr std::size_t max_name_length = 44;

/// A name the service and the message can carry: valid UTF-8 without control characters, at most `max_name_length` code
/// points, the extension kept where the name has to be cut.
std::string presentable_name(std::string_view name);

/// The name of a document that came without one: "<program> <first 8 hex digits of the digest>".
std::string default_name(std::string_view program, const Digest& digest);

/// Makes every name presentable, names the nameless and tells equal ones apart ("a.pdf", "a 2.pdf").
void settle_names(std::vector<Document>& documents, std::string_view program);

}  // namespace smartcmd
