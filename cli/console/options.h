// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <glib.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/options.h"
#include "signing/config.h"

namespace smartcmd {

/// read_options() (base/options.h) for a command of smartcmd, whose name is the first argument: nothing when the
/// arguments are wrong; that was said. Answers also a shell that asks what may be typed (cli/console/completion.h),
/// from `entries` and the help's usage; then nothing is left, either.
std::optional<std::vector<std::string>> parse_options(std::span<char*> arguments, const GOptionEntry* entries,
                                                      Help help);

/// The same for commands about an account, whose only operand is its name: empty for the default account.
std::optional<std::string> parse_account(std::span<char*> arguments, const GOptionEntry* entries, Help help);

/// The account that such a command is about. Throws Errc::unknown_account.
const Account& account_of_operand(const Config& config, const std::string& name);

/// Says on standard error what is wrong with the arguments and where the help is; the status to end with.
int usage_error(const std::string& sentence);

}  // namespace smartcmd
