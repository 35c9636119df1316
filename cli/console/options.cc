// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The SmartCMD authors

#include "cli/console/options.h"

#include <string>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/console/completion.h"
#include "cli/console/output.h"

namespace smartcmd {

std::optional<std::vector<std::string>> parse_options(std::span<char*> arguments, const GOptionEntry* entries,
                                                      Help help) {
  if (arguments.size() > 1 && arguments[1] == complete_option) {
    complete_arguments(arguments.subspan(2), entries, help);
    return std::nullopt;
  }
  try {
    return read_options(std::string("smartcmd ") + arguments[0], arguments, entries, help);
  } catch (const UsageError& error) {
    usage_error(error.message);
    return std::nullopt;
  }
}

std::optional<std::string> parse_account(std::span<char*> arguments, const GOptionEntry* entries, Help help) {
  const auto operands = parse_options(arguments, entries, help);
  if (!operands) return std::nullopt;
  if (operands->size() > 1) {
    usage_error(_("One account at a time."));
    return std::nullopt;
  }
  return operands->empty() ? "" : operands->front();
}

const Account& account_of_operand(const Config& config, const std::string& name) {
  return config.account(name, std::string(g_get_prgname()) + " ");
}

int usage_error(const std::string& sentence) {
  complain(sentence);
  g_printerr("%s\n", filled(_("{command} --help says more."), {{"command", g_get_prgname()}}).c_str());
  return exit_usage;
}

}  // namespace smartcmd
