// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/credentials.h"

#include "signing/error.h"

namespace smartcmd {

namespace {

using MakePrompter = std::unique_ptr<Prompter> (*)(const Config& config, int host);

// In the order in which they are tried. What was set up on purpose comes first, then windows, then the terminal.
constexpr MakePrompter make_prompters[] = {make_askpass_prompter, make_terminal_prompter};

}  // namespace

Credentials::Credentials(const Config& config, int host) {
  for (const MakePrompter make : make_prompters) prompters_.push_back(make(config, host));
}

SecureString Credentials::pin(SecureString given, const Question& question) const {
  SecureString pin = given.empty() ? std::get<SecureString>(first_available().ask(question)) : std::move(given);
  require_valid(Purpose::pin, pin);
  return pin;
}

Answer Credentials::otp(const Question& question) const {
  Answer answer = first_available().ask(question);
  if (const auto* secret = std::get_if<SecureString>(&answer)) require_valid(Purpose::otp, *secret);
  return answer;
}

Prompter& Credentials::first_available() const {
  for (const auto& prompter : prompters_) {
    if (prompter->available()) return *prompter;
  }
  throw Error(Errc::no_prompt,
              "Nothing can ask you for the PIN and the one-time password. Set SMARTCMD_ASKPASS, or askpass= in the "
              "configuration, to a program that asks, or run this in a terminal, in the foreground.");
}

}  // namespace smartcmd
