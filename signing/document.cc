// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/document.h"

#include <glib.h>

#include <algorithm>
#include <set>

#include "base/c_ptr.h"
#include "base/text.h"

namespace smartcmd {

namespace {

constexpr std::size_t digest_beginning = 4;  // octets; 8 hex digits

std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(g_utf8_strlen(text.data(), static_cast<gssize>(text.size())));
}

std::string first_points(std::string_view text, std::size_t points) {
  if (length_of(text) <= points) return std::string(text);
  const char* end = g_utf8_offset_to_pointer(text.data(), static_cast<glong>(points));
  return std::string(text.data(), static_cast<std::size_t>(end - text.data()));
}

// The extension with its dot, when it is one a person would recognise; else nothing.
std::string_view extension_of(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || name.size() - dot > 8) return {};
  return name.substr(dot);
}

// Cuts the stem, never the extension or what tells equal names apart.
std::string fitted(std::string_view name, std::string_view mark = {}) {
  const std::string_view extension = extension_of(name);
  const std::string_view stem = name.substr(0, name.size() - extension.size());
  const std::size_t kept = max_name_length - length_of(mark) - length_of(extension);
  return first_points(stem, kept) + std::string(mark) + std::string(extension);
}

}  // namespace

std::string presentable_name(std::string_view name) {
  const CPtr<char, g_free> valid(g_utf8_make_valid(name.data(), static_cast<gssize>(name.size())));
  std::string text;
  for (const char *p = valid.get(), *next = nullptr; *p != '\0'; p = next) {
    next = g_utf8_next_char(p);
    if (is_printable(g_utf8_get_char(p))) {  // and so a character of XML 1.0 (section 2.2)
      text.append(p, next);
    } else {
      text.push_back(' ');
    }
  }
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return fitted(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

std::string default_name(std::string_view program, const Digest& digest) {
  const std::size_t size = std::min(digest_beginning, digest.value.size());
  const std::string mark = " " + to_hex(ByteView(digest.value).first(size));
  const std::string who = presentable_name(program.empty() ? "document" : program);
  return first_points(who, max_name_length - mark.size()) + mark;
}

void settle_names(std::vector<Document>& documents, std::string_view program) {
  std::set<std::string> taken;
  for (Document& document : documents) {
    std::string name = presentable_name(document.name);
    if (name.empty()) name = default_name(program, document.digest);
    std::string unique = name;
    for (int n = 2; !taken.insert(unique).second; ++n) unique = fitted(name, " " + std::to_string(n));
    document.name = unique;
  }
}

}  // namespace smartcmd
