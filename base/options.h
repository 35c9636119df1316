// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <glib.h>

#include <span>
#include <string>
#include <vector>

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
  const char* usage;          ///< what follows the command's name: "[ACCOUNT]"
  const char* description;    ///< what the command does, under the options; may be null
  bool runs_command = false;  ///< whether the operands are a command, so that its options are not ours
};

/// A command line that no command accepts, in a sentence.
struct UsageError {
  std::string message;
};

/// Reads a command's options into the variables `entries` points to and returns what is left: its operands, which may
/// stand before and after options; behind "--" all are operands. The first argument is the command's name, `command`
/// all of its words: "smartcmd sign". Throws UsageError when the arguments are wrong. Answers --help itself and ends
/// the process.
std::vector<std::string> read_options(const std::string& command, std::span<char*> arguments,
                                      const GOptionEntry* entries, const Help& help);

}  // namespace smartcmd
