// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "agent/one_time_passwords.h"

#include "agent/prompt_text.h"
#include "base/text.h"

namespace smartcmd {

using Clock = std::chrono::steady_clock;

OneTimePasswords::OneTimePasswords(Question question, const Credentials& credentials, std::function<void()> resend)
    : question_(std::move(question)),
      credentials_(credentials),
      resend_(std::move(resend)),
      deadline_(Clock::now() + question_.timeout) {
  question_.may_resend = true;
}

const SecureString& OneTimePasswords::next() {
  int repeated = 0;
  for (;;) {
    Answer answer = ask();
    if (std::holds_alternative<SendAgain>(answer)) {
      send_again();
      continue;
    }
    auto& otp = std::get<SecureString>(answer);
    const bool known = refusal_ && otp.view() == given_.view();
    if (known && ++repeated == most_repeated) throw Error(*refusal_);
    if (known) continue;
    given_ = std::move(otp);
    return given_;
  }
}

void OneTimePasswords::refused(const Error& error) {
  if (error.code() == Errc::otp_expired && wrong_ > 0) {
    throw Error(
        error.code(),
        _("The service has ended this signature after a wrong one-time password: there were too many of them, or "
          "the time has passed. Start again to get a new one."),
        error.service_code());
  }
  if (error.code() != Errc::wrong_otp || ++wrong_ == most_wrong) throw Error(error);
  refusal_ = error;
  question_.wrong_before = true;
}

// The time runs from the message on, however often the person is asked.
Answer OneTimePasswords::ask() {
  question_.timeout = std::chrono::ceil<std::chrono::seconds>(deadline_ - Clock::now());
  if (question_.timeout.count() <= 0) throw time_over();
  return credentials_.otp(question_);
}

void OneTimePasswords::send_again() {
  resend_();
  deadline_ = Clock::now() + question_.account.service.otp_lifetime;
  question_.may_resend = question_.wrong_before = false;
  refusal_.reset();
}

}  // namespace smartcmd
