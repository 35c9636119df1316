// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "p11kit-module/labels.h"

#include <glib.h>

#include "signing/c_ptr.h"

namespace smartcmd::p11 {

std::string clean_label(std::string_view text, std::size_t max_size) {
  const CPtr<char, g_free> valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
  std::string label = valid.get();
  for (char& c : label) {
    if (c == ':' || g_ascii_iscntrl(c)) c = ' ';
  }
  if (label.size() > max_size) {
    const char* end = g_utf8_find_prev_char(label.c_str(), label.c_str() + max_size + 1);
    label.resize(static_cast<std::size_t>(end - label.c_str()));
  }
  return label;
}

std::string UniqueLabels::add(std::string_view text) {
  std::string label = clean_label(text, max_size_);
  for (unsigned number = 2; !known_.insert(label).second; ++number) {
    const std::string suffix = " " + std::to_string(number);
    label = clean_label(text, max_size_ - suffix.size()) + suffix;
  }
  return label;
}

}  // namespace smartcmd::p11
