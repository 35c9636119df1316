// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/console/output.h"

#include <glib.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "base/c_ptr.h"
#include "base/text.h"

namespace smartcmd {
namespace {

// A locale without a character set of its own (C, POSIX) says nothing of the terminal, and terminals show UTF-8.
bool speaks_utf8() {
  const char* charset = nullptr;
  return g_get_charset(&charset) != FALSE || std::string_view(charset) == "ANSI_X3.4-1968" ||
         std::string_view(charset) == "US-ASCII";
}

void put(std::FILE* stream, const char* text) {
  if (speaks_utf8()) {
    std::fputs(text, stream);
  } else {
    const char* charset = nullptr;
    g_get_charset(&charset);
    const CPtr<char, g_free> converted(
        g_convert_with_fallback(text, -1, charset, "UTF-8", "?", nullptr, nullptr, nullptr));
    std::fputs(converted ? converted.get() : text, stream);
  }
  std::fflush(stream);
}

std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(g_utf8_strlen(text.c_str(), -1));
}

}  // namespace

void open_mouth() {
  g_set_print_handler([](const gchar* text) { put(stdout, text); });
  g_set_printerr_handler([](const gchar* text) { put(stderr, text); });
}

void say(const std::string& line) {
  g_print("%s\n", printable_lines(line).c_str());
}

void complain(const std::string& sentence) {
  g_printerr("smartcmd: %s\n", printable_lines(sentence).c_str());
}

void print_table(std::vector<std::vector<std::string>> rows, const std::string& indent) {
  std::vector<std::size_t> widths;
  for (auto& row : rows)
    for (std::string& cell : row) cell = printable(cell);
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  for (const auto& row : rows) {
    std::string line = indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line.append(widths[i] - width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    say(line);
  }
}

}  // namespace smartcmd
