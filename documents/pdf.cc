// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "documents/pdf.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

namespace smartcmd {
namespace {

constexpr std::size_t latest_header = 1024;

// White space of ISO 32000-1 table 1.
std::string_view after_space(std::string_view text) {
  constexpr std::string_view space("\0\t\n\f\r ", 6);
  text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
  return text;
}

/// Whether the name is somewhere followed by that character.
bool has_entry(std::string_view text, std::string_view name, char value) {
  for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + name.size())) {
    if (after_space(text.substr(at + name.size())).starts_with(value)) return true;
  }
  return false;
}

}  // namespace

bool is_pdf(ByteView octets) {
  return text_of(octets).substr(0, latest_header).find("%PDF-") != std::string_view::npos;
}

bool is_pdf(const std::filesystem::path& file) {
  std::array<char, latest_header> begin{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(begin.data(), begin.size());
  return is_pdf(bytes_of({begin.data(), static_cast<std::size_t>(stream.gcount())}));
}

bool is_signed_pdf(ByteView octets) {
  return is_pdf(octets) && has_entry(text_of(octets), "/ByteRange", '[') &&
         has_entry(text_of(octets), "/Contents", '<');
}

}  // namespace smartcmd
