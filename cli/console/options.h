// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <glib.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "signing/config.h"

namespace smartcmd {

/// What an option says.
class OptionText {
 public:
  /// Where GOptionEntry's arg_data points.
  gchar** slot() { return &text_; }
  OptionText() = default;
  ~OptionText() { g_free(text_); }
  OptionText(const OptionText&) = delete;
  OptionText& operator=(const OptionText&) = delete;

  bool given() const { return text_ != nullptr; }
  /// Empty where the option is not given.
  std::string text() const { return given() ? text_ : ""; }

 private:
  gchar* text_ = nullptr;
};

/// What a command's own help says, as texts marked with N_.
struct Help {
  const char* usage;          ///< what follows the command's name: "[ACCOUNT]"; completion reads it, too
  const char* description;    ///< what the command does, under the options; may be null
  bool runs_command = false;  ///< whether the operands are a command, so that its options are not ours
};

/// Reads a command's options into the variables `entries` points to and returns what is left: its operands, which may
/// stand before and after options; behind "--" all are operands. Nothing when the arguments are wrong; that was said.
/// Answers --help itself, and a shell that asks what may be typed (cli/console/completion.h); then nothing is left,
/// either.
std::optional<std::vector<std::string>> parse_options(std::span<char*> arguments, const GOptionEntry* entries,
                                                      Help help);

/// The same for commands about an account, whose only operand is its name: empty for the default account.
std::optional<std::string> parse_account(std::span<char*> arguments, const GOptionEntry* entries, Help help);

/// The account that such a command is about. Throws Errc::unknown_account.
const Account& account_of_operand(const Config& config, const std::string& name);

/// Says on standard error what is wrong with the arguments and where the help is; the status to end with.
int usage_error(const std::string& sentence);

}  // namespace smartcmd
