// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/secure_string.h"
#include "service/allowance.h"
#include "service/keystore.h"
#include "service/otp.h"
#include "soap-client/wire/messages.h"

namespace smartcmd::service {

/// A signature a person has begun with phone number and PIN.
struct Process {
  enum class Kind { one_document, batch, certificate };
  Kind kind;
  std::string application_id;
  std::string phone;
  OpenKey key;
  wire::ArrayOfHashStructure documents;  ///< DigestInfo, presentable name, id; empty for a certificate
};

/// The processes that wait for their one-time passwords. They live in memory: none survives the service or its
/// lifetime. A process answers to the application that began it, once. Any thread may call.
class Processes {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Clock = std::function<TimePoint()>;

  struct Limits {
    std::chrono::seconds lifetime{120};  ///< of a one-time password
    unsigned attempts = 3;               ///< the last wrong one of so many ends the process
  };
  /// What somebody with a stolen PIN can send to a phone. A message that its person answers does not count: so however
  /// many documents somebody signs at the same time, one after the other or both, the limit is met by nobody who has
  /// the phone at hand.
  static constexpr unsigned most_unanswered = 100;  ///< messages to one phone number in an hour
  static constexpr unsigned most_resends = 3;       ///< of one process

  Processes(Limits limits, OtpDelivery& delivery, Clock clock = std::chrono::steady_clock::now)
      : limits_(limits), delivery_(delivery), clock_(std::move(clock)) {}

  /// Begins to wait: sends a one-time password and gives the process its id, a random UUID. Nothing is sent, and there
  /// is no id, when too many messages to that phone number were not answered.
  std::optional<std::string> open(Process process);

  /// The phone number of a process of that application; nothing when there is none.
  std::optional<std::string> phone_of(const std::string& id, const std::string& application_id);

  /// Voids the process's one-time password and sends a new one with a lifetime of its own; wrong attempts stay counted.
  /// It is `gone` when there is no such process of that application and phone number.
  enum class Resent { sent, too_often, gone };
  Resent resend(const std::string& id, const std::string& application_id, std::string_view phone);

  enum class Verdict {
    right,
    wrong,
    spent,  ///< wrong, and the last attempt: the process is over
    gone,
  };
  struct Answer {
    Verdict verdict;
    std::optional<Process> process;  ///< when the code was right: the process, which is over now
  };
  Answer redeem(const std::string& id, const std::string& application_id, const SecureString& code);

  /// Ends what is too old.
  void expire();

 private:
  struct Waiting {
    Process process;
    SecureString code;
    TimePoint deadline;
    unsigned wrong = 0;
    unsigned resends = 0;
  };
  using Table = std::map<std::string, Waiting>;

  Allowance& allowance_locked(const std::string& phone);
  void send_code(const std::string& id, Waiting& waiting);
  Table::iterator find_locked(const std::string& id, const std::string& application_id);
  Table::iterator end_locked(Table::iterator waiting);
  void expire_locked();

  const Limits limits_;
  OtpDelivery& delivery_;
  const Clock clock_;
  std::mutex mutex_;
  Table waiting_;
  std::map<std::string, Allowance> allowances_;  ///< of messages, by phone number, where some are used
};

}  // namespace smartcmd::service
