// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/prompter.h"

#include <fcntl.h>

#include <algorithm>

#include "agent/prompt_text.h"
#include "base/error.h"
#include "base/file_descriptor.h"

namespace smartcmd {

namespace {

constexpr std::size_t shown_octets = 4;

/// So many decimal digits.
struct Length {
  std::size_t shortest;
  std::size_t longest;
};

constexpr Length pin_length{4, 8};
constexpr Length otp_length{6, 6};

}  // namespace

SecureString without_separators(const SecureString& otp) {
  SecureString digits;
  for (const char c : otp.view()) {
    if (!is_separator(c)) digits.push_back(c);
  }
  return digits;
}

bool is_valid(Purpose purpose, const SecureString& secret) {
  const Length& wanted = purpose == Purpose::pin ? pin_length : otp_length;
  const std::string_view text = secret.view();
  return text.size() >= wanted.shortest && text.size() <= wanted.longest &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void require_valid(Purpose purpose, const SecureString& secret) {
  if (!is_valid(purpose, secret)) throw Error(Errc::invalid_secret, refused_text(purpose));
}

bool has_terminal() {
  return static_cast<bool>(FileDescriptor(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)));
}

const Digest& shown_digest(const Document& document) {
  return document.content ? *document.content : document.digest;
}

std::string digest_beginning(const Document& document) {
  const ByteView digest(shown_digest(document).value);
  return to_hex(digest.first(std::min(shown_octets, digest.size())));
}

}  // namespace smartcmd
