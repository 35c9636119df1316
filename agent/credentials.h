// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "agent/prompter.h"

namespace smartcmd {

/// How long a person has to give the PIN. The one-time password is asked for as long as it is good.
inline constexpr std::chrono::seconds pin_timeout{300};

/// How long an explanation is shown: the program that asked waits for it.
inline constexpr std::chrono::seconds explanation_time{60};

/// Where secrets come from, in this order: given by the application, the askpass program, pinentry, the terminal.
class Credentials {
 public:
  /// `host` is the socket of who asked; its end ends every question.
  Credentials(const Config& config, int host);

  /// Throws Errc::no_prompt, with what to set, when there is nothing to ask a person with.
  void require_prompter() const;
  /// The PIN that the application gave, or if it is empty the person's answer. Throws Errc::invalid_secret.
  SecureString pin(SecureString given, const Question& question) const;
  /// Tells the person what the service has said, where a window was used to ask, for at most `explanation_time`.
  void explain(const Error& error, Question question) const;
  /// The one-time password, or the wish for a new one. Throws Errc::invalid_secret.
  Answer otp(const Question& question) const;

 private:
  Answer ask(const Question& question) const;

  std::string pinentry_;
  std::vector<std::unique_ptr<Prompter>> prompters_;
  mutable Prompter* asked_ = nullptr;  ///< the one that got the last answer
};

}  // namespace smartcmd
