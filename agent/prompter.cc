// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/prompter.h"

#include <algorithm>

#include "signing/error.h"

namespace smartcmd {

namespace {

constexpr std::size_t shown_octets = 4;

constexpr SecretRule pin_rule{"signature PIN", "4 to 8 digits", 4, 8};
constexpr SecretRule otp_rule{"one-time password", "6 digits", 6, 6};

}  // namespace

const SecretRule& rule(Purpose purpose) {
  return purpose == Purpose::pin ? pin_rule : otp_rule;
}

bool is_valid(Purpose purpose, const SecureString& secret) {
  const SecretRule& wanted = rule(purpose);
  const std::string_view text = secret.view();
  return text.size() >= wanted.shortest && text.size() <= wanted.longest &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void require_valid(Purpose purpose, const SecureString& secret) {
  if (is_valid(purpose, secret)) return;
  const SecretRule& wanted = rule(purpose);
  throw Error(Errc::invalid_secret, std::string("A ") + wanted.name + " has " + wanted.expected +
                                        "; what was given is none, and was not sent. Try again.");
}

std::string digest_beginning(const Document& document) {
  const ByteView digest(document.digest.value);
  return to_hex(digest.first(std::min(shown_octets, digest.size())));
}

}  // namespace smartcmd
