// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/text.h"

#include <libintl.h>
#include <stdlib.h>

#include <algorithm>

namespace smartcmd {

namespace {

constexpr const char* domain = "smartcmd";

// The domain is ours alone, so a host's texts are not touched.
bool bind() noexcept {
  const char* directory = secure_getenv("SMARTCMD_LOCALEDIR");  // of a build tree
  bindtextdomain(domain, directory != nullptr ? directory : SMARTCMD_LOCALEDIR);
  bind_textdomain_codeset(domain, "UTF-8");
  return true;
}

void bind_once() noexcept {
  [[maybe_unused]] static const bool bound = bind();
}

}  // namespace

const char* _(const char* english) noexcept {
  bind_once();
  return dgettext(domain, english);
}

const char* plural(const char* one, const char* several, unsigned long count) noexcept {
  bind_once();
  return dngettext(domain, one, several, count);
}

std::string filled(std::string_view text, std::initializer_list<Value> values) {
  std::string result;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    result += text.substr(0, open);
    text.remove_prefix(std::min(open, text.size()));
    const std::size_t close = text.find('}');
    const auto* value = std::find_if(values.begin(), values.end(), [&](const Value& one) {
      return close != text.npos && one.first == text.substr(1, close - 1);
    });
    const bool known = value != values.end();
    result += known ? value->second : text.substr(0, 1);
    text.remove_prefix(known ? close + 1 : std::min<std::size_t>(1, text.size()));
  }
  return result;
}

}  // namespace smartcmd
