// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_lock.h"

namespace smartcmd {

/// How the names of a sandbox's directory and of its p11-kit module begin.
inline constexpr std::string_view sandbox_prefix = "smartcmd-sandbox-";

/// The directory of the sandbox that this process runs in, as its environment tells; empty when it is in none.
std::filesystem::path surrounding_sandbox();

/// Whether a living process holds a lock on it, as each sandbox does on what it leaves when it is killed.
bool is_locked(const std::filesystem::path& file);

/// A new directory for this user alone (mode 0700), which goes with everything in it.
class PrivateDirectory {
 public:
  /// In $TMPDIR, else /tmp, where it removes what sandboxes have left that were killed. Throws Errc::internal.
  PrivateDirectory();
  ~PrivateDirectory();
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
  std::optional<FileLock> alive_;
};

/// The text of an OpenSSL configuration (config(5)) that is this process's own – $OPENSSL_CONF, else the system's – and
/// has `provider` active beside the default provider.
std::string openssl_configuration(const std::filesystem::path& provider);

/// An account of the sandbox.
struct SandboxAccount {
  std::string name;
  std::string label;
  std::string user_id;
};

/// The text of a smartcmd.conf with what the service says of itself in `service_file` (its group is [service local])
/// and the accounts, the first of which is the default. An empty `askpass` leaves the questions to the person.
std::string accounts_configuration(const std::filesystem::path& service_file,
                                   const std::vector<SandboxAccount>& accounts,
                                   const std::filesystem::path& state_directory, const std::filesystem::path& askpass);

/// The text of a script for `askpass=`: the PIN in `pin_file`, and the one-time password in the newest message of the
/// signature process, which the service puts into `outbox` before it answers.
std::string askpass_script(const std::filesystem::path& pin_file, const std::filesystem::path& outbox);

}  // namespace smartcmd
