// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#pragma once

#include <glib.h>

#include <span>
#include <string>
#include <string_view>

#include "cli/console/options.h"

namespace smartcmd {

/// How a shell asks what may stand on a command line: `smartcmd --complete WORD…`, the words behind "smartcmd" as far
/// as the cursor, the last one perhaps empty. The answer is a line for each possibility, its fields parted by tabs:
///
///     word TEXT MEANING   the last word may be TEXT, which need not begin with what stands there: the shell chooses
///     files               the last word, behind "--option=" if it has that, names a file
///     directories         the same for a directory
///     command NUMBER      behind so many words another command begins
///
/// Neither the network nor a person is asked. What follows comes from the very tables that the command line is read
/// with: there is no second list.
inline constexpr std::string_view complete_option = "--complete";

/// Answers that the last word may be `text`.
void offer(const std::string& text, const std::string& meaning);

/// Answers what the last of a command's arguments may be.
void complete_arguments(std::span<char*> arguments, const GOptionEntry* entries, Help help);

}  // namespace smartcmd
