// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/options.h"

namespace smartcmd::service {

/// What the command line gives a command of smartcmdd.
struct Invocation {
  const char* words;           ///< the command's: "account add"
  const char* summary;         ///< what it does
  std::span<char*> arguments;  ///< the last of its words and what follows

  /// Reads the options and returns the one operand: the service's directory. Throws UsageError for anything else.
  std::filesystem::path read(std::vector<GOptionEntry> entries) const;
};

/// An option with a text.
GOptionEntry text_option(const char* name, OptionText& value, const char* help, const char* form);
/// What the option says. Throws UsageError where it is not given.
std::string required(const OptionText& value, const char* option);

/// The commands. Each throws Error when it cannot do its work.
void add_account(const Invocation& invocation);
void list_accounts(const Invocation& invocation);
void renew_account(const Invocation& invocation);
void unlock_account(const Invocation& invocation);

}  // namespace smartcmd::service
