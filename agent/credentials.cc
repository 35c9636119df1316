// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/credentials.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace smartcmd {

namespace {

using MakePrompter = std::unique_ptr<Prompter> (*)(const Config& config, int host);

// In the order in which they are tried. What was set up on purpose comes first, then windows, then the terminal.
constexpr MakePrompter make_prompters[] = {make_askpass_prompter, make_pinentry_prompter, make_terminal_prompter};

// What the service says that a person has to know and can do something about.
constexpr Errc explained[] = {Errc::wrong_pin,
                              Errc::wrong_otp,
                              Errc::otp_expired,
                              Errc::service_inactive,
                              Errc::request_refused,
                              Errc::must_change_pins,
                              Errc::must_change_signature_pin};

Error nothing_to_ask_with(const std::string& pinentry) {
  if (pinentry.empty()) {
    return {
        Errc::no_prompt,
        _("Nothing can ask you for the PIN and the one-time password. Run this in a terminal, in the foreground; or "
          "set SMARTCMD_ASKPASS, or askpass= in the configuration, to a program that asks.")};
  }
  return {Errc::no_prompt,
          filled(_("Nothing can ask you for the PIN and the one-time password. Run this in a terminal, in the "
                   "foreground; or in a desktop where {pinentry} is installed (SMARTCMD_PINENTRY, or pinentry= in the "
                   "configuration); or set SMARTCMD_ASKPASS, or askpass=, to a program that asks."),
                 {{"pinentry", pinentry}})};
}

}  // namespace

Credentials::Credentials(const Config& config, int host) : pinentry_(config.pinentry().string()) {
  for (const MakePrompter make : make_prompters) prompters_.push_back(make(config, host));
}

void Credentials::require_prompter() const {
  const auto available = [](const auto& prompter) { return prompter->available(); };
  if (std::none_of(prompters_.begin(), prompters_.end(), available)) throw nothing_to_ask_with(pinentry_);
}

SecureString Credentials::pin(SecureString given, const Question& question) const {
  SecureString pin = given.empty() ? std::get<SecureString>(ask(question)) : std::move(given);
  require_valid(Purpose::pin, pin);
  return pin;
}

Answer Credentials::otp(const Question& question) const {
  Answer answer = ask(question);
  if (auto* secret = std::get_if<SecureString>(&answer)) {
    *secret = without_separators(*secret);
    require_valid(Purpose::otp, *secret);
  }
  return answer;
}

// It is an extra: whatever prevents it, the error goes on to who asked.
void Credentials::explain(const Error& error, Question question) const {
  if (asked_ == nullptr || std::find(std::begin(explained), std::end(explained), error.code()) == std::end(explained)) {
    return;
  }
  question.timeout = explanation_time;
  try {
    asked_->explain(error, question);
  } catch (const Error&) {
  }
}

// A prompter that cannot ask after all leaves it to the next; without one, its reason is what there is to say.
Answer Credentials::ask(const Question& question) const {
  std::optional<Error> reason;
  for (const auto& prompter : prompters_) {
    if (!prompter->available()) continue;
    try {
      Answer answer = prompter->ask(question);
      asked_ = prompter.get();
      return answer;
    } catch (const Error& error) {
      if (error.code() != Errc::no_prompt) throw;
      if (!reason) reason = error;
    }
  }
  throw reason ? *reason : nothing_to_ask_with(pinentry_);
}

}  // namespace smartcmd
