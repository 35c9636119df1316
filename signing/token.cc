// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "signing/token.h"

#include <glib.h>

#include <cstdio>

#include "base/c_ptr.h"
#include "signing/hasher.h"

namespace smartcmd {

namespace {

constexpr std::size_t token_label_size = 32;  // of CK_TOKEN_INFO
constexpr std::size_t id_size = 20;

}  // namespace

// FNV-1a, 64 bits (Fowler, Noll, Vo).
std::uint64_t token_number(const Account& account) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char octet : bytes_of(account.name)) hash = (hash ^ octet) * 0x100000001b3;
  return hash;
}

std::string token_serial_number(const Account& account) {
  char digits[17] = "";
  std::snprintf(digits, sizeof digits, "%016llX", static_cast<unsigned long long>(token_number(account)));
  return digits;
}

std::vector<std::string> token_labels(const Config& config) {
  UniqueLabels unique(token_label_size);
  std::vector<std::string> labels;
  for (const Account& account : config.accounts()) labels.push_back(unique.add(account.label));
  return labels;
}

Bytes object_id(const Certificate& certificate) {
  Bytes id = sha256(certificate.public_key_info());
  id.resize(id_size);
  return id;
}

std::string object_label(const Account& account) {
  return UniqueLabels().add(account.label);
}

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
  label.resize(label.find_last_not_of(' ') + 1);  // PKCS #11 pads with blanks
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

}  // namespace smartcmd
