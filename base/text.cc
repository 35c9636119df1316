// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/text.h"

#include <glib.h>
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

/// Makes a text printable, character by character.
class Cleaner {
 public:
  Cleaner(std::string_view text, std::size_t most, bool keeps_lines)
      : text_(text), most_(most), keeps_lines_(keeps_lines) {}

  std::string cleaned() {
    std::string result;
    std::size_t last = 0;  // where the last character begins
    for (std::size_t count = 0; !text_.empty(); ++count) {
      if (count == most_) return result.substr(0, last) + "…";
      last = result.size();
      result += next();
    }
    return result;
  }

 private:
  std::string_view next() {
    const auto size = static_cast<gssize>(text_.size());
    const gunichar point = g_utf8_get_char_validated(text_.data(), size);
    const bool valid = point < static_cast<gunichar>(-2) && point != 0;
    const std::string_view one =
        text_.substr(0, valid ? static_cast<std::size_t>(g_utf8_next_char(text_.data()) - text_.data()) : 1);
    text_.remove_prefix(one.size());
    if (valid && (is_printable(point) || (keeps_lines_ && (point == '\n' || point == '\t')))) return one;
    return point == '\n' || point == '\r' || point == '\t' ? " " : "\uFFFD";
  }

  std::string_view text_;
  std::size_t most_;
  bool keeps_lines_;
};

/// Whether nothing in it has to be looked at closely, which is so of most texts: printable characters of ASCII alone.
bool is_plain(std::string_view text, bool keeps_lines) {
  return std::all_of(text.begin(), text.end(), [keeps_lines](char octet) {
    return (octet >= ' ' && octet <= '~') || (keeps_lines && (octet == '\n' || octet == '\t'));
  });
}

std::string cleaned(std::string_view text, std::size_t most, bool keeps_lines) {
  if (text.size() <= most && is_plain(text, keeps_lines)) return std::string(text);
  return Cleaner(text, most, keeps_lines).cleaned();
}

// A text of ours is as long as the values in it.
constexpr std::size_t longest_text = 16 * longest_value;

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
    result += known ? printable(value->second) : std::string(text.substr(0, 1));
    text.remove_prefix(known ? close + 1 : std::min<std::size_t>(1, text.size()));
  }
  return result;
}

bool is_printable(char32_t point) noexcept {
  const GUnicodeType type = g_unichar_type(point);
  return g_unichar_isprint(point) != FALSE && type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

std::string printable(std::string_view text, std::size_t most) {
  return cleaned(text, most, false);
}

std::string printable_lines(std::string_view text) {
  return cleaned(text, longest_text, true);
}

}  // namespace smartcmd
