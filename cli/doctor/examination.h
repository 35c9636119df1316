// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "cli/installation.h"
#include "signing/config.h"

namespace smartcmd {

/// What a check found, in one line: all is well, something could be done, or something is wrong; the latter two with
/// what to do about it.
struct Finding {
  enum class State { sound, hint, problem };
  State state;
  std::string sentence;
};

/// What `smartcmd doctor` looks at.
struct Examination {
  Installation installation;
  std::optional<Config> config;  ///< nothing when it cannot be read
  bool offline = false;
  bool agent_works = false;
  std::set<std::string> unusable{};  ///< services that cannot be asked for a reason already found
  std::vector<Finding> findings{};

  void sound(std::string sentence) { findings.push_back({Finding::State::sound, std::move(sentence)}); }
  void hint(std::string sentence) { findings.push_back({Finding::State::hint, std::move(sentence)}); }
  void problem(std::string sentence) { findings.push_back({Finding::State::problem, std::move(sentence)}); }
};

/// One thing to look at. Checks come one after the other, and what a check needs of an earlier one that failed it does
/// not complain of again.
using Check = void (*)(Examination&);

// The checks, each in the file that its name begins with.
std::span<const Check> agent_checks();     ///< the agent and what it can ask with
std::span<const Check> config_checks();    ///< configuration, permissions, certificates that are kept, clock
std::span<const Check> service_checks();   ///< network, TLS, credentials, account: by asking for the certificates
std::span<const Check> programs_checks();  ///< OpenSSL, p11-kit and NSS

}  // namespace smartcmd
