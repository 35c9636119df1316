// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "agent/credentials.h"
#include "base/error.h"

namespace smartcmd {

/// The one-time passwords a person gives for one process of the service, until one is right. A wrong one may be given
/// again for the same message, as often as the service allows and while there is time; the same one is not sent again,
/// and a new one is sent by the service once.
class OneTimePasswords {
 public:
  /// `resend` has the service send a new one.
  OneTimePasswords(Question question, const Credentials& credentials, std::function<void()> resend);

  /// Asks for one that the service has not refused. Throws what Credentials does, and the service's refusal when the
  /// same one is given again and again.
  const SecureString& next();
  /// The service has refused it. Throws unless the person may be asked again.
  void refused(const Error& error);

 private:
  /// So many in a row that are not sent, for they were just refused, end the question: a program may know no other.
  static constexpr int most_repeated = 3;
  /// So many wrong ones end it, whatever the service allows.
  static constexpr int most_wrong = 10;

  Answer ask();
  void send_again();

  Question question_;
  const Credentials& credentials_;
  const std::function<void()> resend_;
  std::chrono::steady_clock::time_point deadline_;
  SecureString given_;
  std::optional<Error> refusal_;  ///< of the one given; none where that was not sent yet
  int wrong_ = 0;
};

}  // namespace smartcmd
