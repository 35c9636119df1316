// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "service/accounts.h"
#include "service/allowance.h"
#include "service/authority.h"
#include "service/field_keys.h"
#include "service/keystore.h"
#include "service/processes.h"
#include "service/settings.h"
#include "soap-client/wire/messages.h"

namespace smartcmd::service {

/// The six operations of SCMDService, from message to message. What a client did wrong is a status code in the answer;
/// an Error is a fault of ours.
class Operations {
 public:
  /// All of them outlive this object.
  struct Parts {
    const Settings& settings;
    Accounts& accounts;
    const Authority& authority;
    const FieldKeys& field_keys;
    const Keystore& keystore;
    Processes& processes;
  };
  explicit Operations(Parts parts) : parts_(parts) {}

  /// Names whom the next messages come from: each address has a limit of unknown users of its own.
  void listen_to(std::string address) { sender_ = std::move(address); }

  wire::ScmdSignResponse sign(const wire::ScmdSign& message);
  wire::ScmdMultipleSignResponse multiple_sign(const wire::ScmdMultipleSign& message);
  /// Throws Errc::request_refused beyond the limit of unknown users, because the answer has no room for a status.
  wire::GetCertificateResponse get_certificate(const wire::GetCertificate& message);
  wire::GetCertificateWithPinResponse get_certificate_with_pin(const wire::GetCertificateWithPin& message);
  wire::ForceSmsResponse force_sms(const wire::ForceSms& message);
  wire::ValidateOtpResponse validate_otp(const wire::ValidateOtp& message);

 private:
  /// What every request that needs a PIN brings along.
  struct Caller {
    const wire::Binary& application_id;
    const wire::Text& user_id;
    const wire::Text& pin;
  };

  bool is_our_application(const wire::Binary& id) const;
  bool may_ask_for_users();
  std::optional<Person> find_person(const SecureString& phone);
  bool may_be_signed(const wire::ArrayOfHashStructure& documents) const;
  wire::SignStatus start_signature(const Caller& caller, Process::Kind kind, wire::ArrayOfHashStructure documents);
  std::optional<OpenKey> open_key(const std::optional<Person>& person, std::string_view phone, const wire::Text& pin);
  bool is_locked(const std::optional<Person>& person) const;
  wire::SignStatus validate(const wire::ValidateOtp& message, wire::SignResponse& answer);
  wire::SignStatus start(const Caller& caller, Process::Kind kind, wire::ArrayOfHashStructure documents);
  bool finish(Process process, wire::SignResponse& answer) const;

  Parts parts_;
  std::string sender_;
  std::map<std::string, Allowance> unknown_users_;  ///< of the addresses that have used some
};

}  // namespace smartcmd::service
