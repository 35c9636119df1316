// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "signing/digest.h"

namespace smartcmd {

/// A `[service NAME]` group: a remote signing service and how it is reached.
struct Service {
  std::string name;
  std::string driver = "scmd";
  std::string endpoint;        ///< https URL
  std::string application_id;  ///< the GUID's text, as its operator writes it
  std::string username;        ///< HTTP Basic
  std::filesystem::path password_file;
  std::vector<std::filesystem::path> encryption_certificates;  ///< for phone number, PIN and one-time password
  std::filesystem::path ca_file;                               ///< PEM; empty for the system's authorities
  std::string proxy;                                           ///< empty for what the environment says
  std::chrono::seconds connect_timeout{5};
  std::chrono::seconds request_timeout{60};
  std::chrono::seconds otp_lifetime{120};  ///< how long a one-time password is good for, from when it is sent
  HashSet hashes = HashSet::sha2();
};

/// How programs log in to the account's PKCS#11 token. In each way a PIN serves one signature or batch.
enum class Login {
  none,            ///< they need not: the agent asks for the PIN when they sign
  pin,             ///< with the PIN
  protected_path,  ///< without it: the agent asks for the PIN when they sign
};

/// An `[account NAME]` group: a person or seal that signs.
struct Account {
  std::string name;
  std::string label;    ///< for people; the name when the configuration gives none
  std::string user_id;  ///< phone number, "+351 910000000": personal data, never in a log
  Service service;
  Login login = Login::none;
};

/// The pinentry of the system's choice.
inline constexpr char default_pinentry[] = "/usr/bin/pinentry";

/// The configuration: GLib key files. `$SMARTCMD_CONFIG` alone when it is set, else the user's smartcmd.conf over the
/// system's; the system's alone for a program that does not act for whoever started it (base/user.h). Reading it
/// touches no network. Every mistake is an Error (Errc::configuration) that names the file, the line, the key and what
/// was expected.
class Config {
 public:
  /// Reads `file`, or without one what the rule above says.
  static Config load(const std::filesystem::path& file = {});

  /// Where load() looks for what the person configured: `$SMARTCMD_CONFIG`, else the user's smartcmd.conf.
  static std::filesystem::path persons_file();
  /// What the system's administrator configured, and load() reads below it; nothing below `$SMARTCMD_CONFIG`.
  static std::filesystem::path system_file();

  /// Checks one value as load() does: of `key` in a [service …] or [account …] group, for which `group` is "service" or
  /// "account"; without a key, the group's name. Throws Errc::configuration with the sentence about the value alone.
  static void check(std::string_view group, std::string_view key, const std::string& value);

  const std::vector<Account>& accounts() const { return accounts_; }
  const std::vector<Service>& services() const { return services_; }
  /// The account of that name; for an empty name the default account: `default-account`, else the only one. Throws
  /// Errc::unknown_account; `prefix` is what its sentence has before the name of an account where one is to be named.
  const Account& account(std::string_view name = {}, std::string_view prefix = "cmd:") const;
  /// Where there is no account, the sentence that says so: for whom it was looked, where, and what to do. Else empty.
  std::string why_no_account() const;
  /// The program that answers for the person (`$SMARTCMD_ASKPASS`, else `askpass=`); empty when there is none.
  const std::filesystem::path& askpass() const { return askpass_; }
  /// The program that asks in a window (`$SMARTCMD_PINENTRY`, else `pinentry=`, else `default_pinentry`), whether it is
  /// there or not; empty when "none" was chosen.
  const std::filesystem::path& pinentry() const { return pinentry_; }
  /// Whether a known meaningless signature is answered without the key (signing/probes.h); `probes=no` says no.
  bool answers_probes() const { return answers_probes_; }
  /// The file that load() was given or `$SMARTCMD_CONFIG` names, an absolute path; empty when there was none. The agent
  /// must be told, to read the same.
  const std::filesystem::path& file() const { return file_; }
  /// Where the account's certificate chain is cached.
  std::filesystem::path chain_file(const Account& account) const;

 private:
  friend class ConfigReader;
  std::vector<Account> accounts_;
  std::vector<Service> services_;
  std::string default_account_;
  std::filesystem::path askpass_;
  std::filesystem::path pinentry_;
  bool answers_probes_ = true;
  std::filesystem::path state_directory_;
  std::filesystem::path file_;
};

}  // namespace smartcmd
