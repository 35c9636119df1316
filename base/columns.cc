// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "base/columns.h"

#include <glib.h>

#include <algorithm>

namespace smartcmd {

namespace {

// Of which a line has to have more beside its indent.
constexpr std::size_t fewest_columns = 20;

std::size_t columns_of(gunichar point) {
  if (g_unichar_iszerowidth(point)) return 0;
  return g_unichar_iswide(point) ? 2 : 1;
}

/// How many octets of the text the first line takes.
std::size_t first_line(std::string_view text, std::size_t columns) {
  const std::size_t first_word = text.find_first_not_of(' ');
  std::size_t width = 0;
  std::size_t last_blank = 0;
  for (const char* p = text.data(); p < text.data() + text.size(); p = g_utf8_next_char(p)) {
    const auto at = static_cast<std::size_t>(p - text.data());
    if (*p == '\n') return at;
    if (*p == ' ' && at > first_word) last_blank = at;
    width += columns_of(g_utf8_get_char(p));
    if (width > columns && at > 0) return last_blank > 0 ? last_blank : at;
  }
  return text.size();
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t width = 0;
  for (const char* p = text.data(); p < text.data() + text.size(); p = g_utf8_next_char(p)) {
    width += columns_of(g_utf8_get_char(p));
  }
  return width;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
  if (columns < indent + fewest_columns) indent = 0;
  std::vector<std::string> lines;
  std::size_t margin = 0;
  for (;;) {
    const std::string_view line = text.substr(0, first_line(text, columns - margin));
    lines.push_back(std::string(margin, ' ') + std::string(line.substr(0, line.find_last_not_of(' ') + 1)));
    text.remove_prefix(line.size());
    if (text.empty()) return lines;
    if (text.front() == '\n') {
      text.remove_prefix(1);
      margin = 0;
    } else {
      text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
      margin = indent;
    }
    if (text.empty()) return lines;
  }
}

}  // namespace smartcmd
